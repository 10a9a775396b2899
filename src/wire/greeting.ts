import type { Credentials, DialOptions } from '../connection/model/dial.js';
import type { GreetingStage } from '../connection/model/greeting-error.js';
import {
  closedBeforeGreeting,
  greetingTimeout,
  noTlsOffered,
  notNats,
} from '../connection/model/greeting-error.js';
import { greetingRefusal } from '../connection/model/server-error.js';
import { clientCertificateError, socketError } from '../connection/model/socket-error.js';
import { reasonInPlainText } from '../connection/plain-refusal.js';
import { NatsxError } from '../core/errors.js';
import { Notifier } from '../connection/notifier.js';
import { ByteStream } from './byte-stream.js';
import { connectLine, type Introduction } from './connect-line.js';
import { Parser, type FrameSink } from './parser.js';
import type { ServerAddress } from './server-address.js';
import { parseServerInfo, type ServerInfo } from './server-info.js';

/** A connection on which the server has accepted us. */
export interface Greeted {
  readonly stream: ByteStream;
  readonly parser: Parser;
  readonly info: ServerInfo;
  readonly address: ServerAddress;
}

export interface GreetingRequest {
  readonly dial: DialOptions;
  readonly address: ServerAddress;
  /** One resolved address of the host, or of the detour to it. */
  readonly ip: string;
  readonly port: number;
  readonly introduction: Introduction;
}

/**
 * Connects to one address: TCP, TLS where asked or required, INFO, CONNECT, PING, PONG.
 * @throws {NatsxError} connection, auth: whatever the reason, the socket is closed.
 */
export async function greet(request: GreetingRequest): Promise<Greeted> {
  const greeting = new Greeting(request);
  try {
    return await greeting.run();
  } catch (error) {
    const { stage } = greeting;
    if (!(error instanceof NatsxError) || (stage !== 'securing' && stage !== 'authenticating')) {
      throw error;
    }
    const { ip: host, port, address } = request;
    throw await reasonInPlainText(error, { host, port }, address.label);
  } finally {
    greeting.stopTimer();
  }
}

class Greeting implements FrameSink {
  readonly #request: GreetingRequest;
  readonly #stream: ByteStream;
  readonly #parser = new Parser(this);
  readonly #timer: NodeJS.Timeout;
  #stage: GreetingStage = 'connecting';
  #info: ServerInfo | undefined;
  #failure: NatsxError | undefined;
  readonly #changed = new Notifier();
  #ponged = false;
  #credentials: Credentials = {};

  constructor(request: GreetingRequest) {
    this.#request = request;
    this.#stream = ByteStream.open(request.ip, request.port, {
      bytes: (buffer, length) => this.#receive(buffer, length),
      drained: ignore,
      closed: (cause) => this.#fail(this.#closeError(cause)),
    });
    this.#timer = setTimeout(() => this.#fail(this.#timeoutError()), request.dial.timeoutMs);
  }

  get stage(): GreetingStage {
    return this.#stage;
  }

  stopTimer(): void {
    clearTimeout(this.#timer);
  }

  async run(): Promise<Greeted> {
    const { dial, address } = this.#request;
    try {
      await this.#race(this.#stream.connected());
      if (dial.tlsFirst) await this.#secure();
      this.#stage = 'waiting for INFO';
      const info = await this.#until(() => this.#info);
      if (!dial.tlsFirst && this.#wantsTls(info)) {
        await this.#secure();
      }
      await this.#authenticate(info);
      return { stream: this.#stream, parser: this.#parser, info: this.#info ?? info, address };
    } catch (cause) {
      this.#stream.destroy();
      throw this.#failure ?? socketError(asError(cause), address.label);
    }
  }

  #wantsTls(info: ServerInfo): boolean {
    const { dial, address } = this.#request;
    const asked = dial.tls !== undefined || address.secure;
    const offered = info.tls_required === true || info.tls_available === true;
    if (asked && !offered) {
      throw noTlsOffered(address.label);
    }
    return asked || info.tls_required === true;
  }

  async #secure(): Promise<void> {
    const { dial, address } = this.#request;
    this.#stage = 'securing';
    if (this.#info?.tls_verify === true && dial.tls?.cert === undefined) {
      throw clientCertificateError(address.label);
    }
    await this.#race(this.#stream.secure(address, dial.tls ?? {}));
  }

  async #authenticate(info: ServerInfo): Promise<void> {
    const { dial, introduction, address } = this.#request;
    this.#stage = 'authenticating';
    this.#credentials = dial.credentials(address.place);
    const line = await connectLine(introduction, this.#credentials, info);
    this.#stream.write(Buffer.from(`${line}\r\nPING\r\n`));
    await this.#until(() => (this.#ponged ? true : undefined));
  }

  /** Waits until `probe` gives a value or the connection fails. */
  async #until<Value>(probe: () => Value | undefined): Promise<Value> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const value = probe();
      if (value !== undefined) return value;
      await this.#changed.next();
    }
  }

  async #race(step: Promise<void>): Promise<void> {
    let settled = false;
    let failure: unknown;
    step.then(
      () => {
        settled = true;
        this.#changed.notify();
      },
      (error: unknown) => {
        failure = error;
        settled = true;
        this.#changed.notify();
      },
    );
    await this.#until(() => (settled ? true : undefined));
    if (failure !== undefined) throw asError(failure);
  }

  #receive(buffer: Buffer, length: number): void {
    try {
      this.#parser.push(buffer, length);
    } catch (error) {
      const { label } = this.#request.address;
      this.#fail(this.#info === undefined ? notNats(label) : socketError(asError(error), label));
    }
  }

  #fail(error: NatsxError): void {
    this.#failure ??= error;
    this.#changed.notify();
  }

  #timeoutError(): NatsxError {
    const { address, dial } = this.#request;
    return greetingTimeout(address.label, dial.timeoutMs, this.#stage);
  }

  #closeError(cause: Error | undefined): NatsxError {
    const { address, dial } = this.#request;
    const error = socketError(cause, address.label);
    if (this.#stage === 'waiting for INFO' && cause === undefined) {
      return closedBeforeGreeting(address.label);
    }
    if (error.kind === 'auth' || this.#stage !== 'authenticating') return error;
    // A server that verifies certificates may close the connection before its alert can be read.
    const demanded = this.#info?.tls_verify === true && dial.tls?.cert === undefined;
    return demanded ? clientCertificateError(address.label, cause) : error;
  }

  message(): void {
    // There is no subscription yet.
  }

  info(json: string): void {
    const info = parseServerInfo(json);
    if (info === undefined && this.#info === undefined) {
      this.#fail(notNats(this.#request.address.label));
    }
    this.#info = info ?? this.#info ?? {};
    this.#changed.notify();
  }

  ping(): void {
    this.#stream.write(Buffer.from('PONG\r\n'));
  }

  pong(): void {
    this.#ponged = true;
    this.#changed.notify();
  }

  error(text: string): void {
    const { label } = this.#request.address;
    this.#fail(greetingRefusal(text, label, this.#credentials, Date.now()));
  }
}

function ignore(): void {
  // Nothing waits for it.
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
