import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { NatsxError } from '../../core/errors.js';

const READY_MS = 30_000;
const POLL_MS = 5;

/** The server of the tour: a real nats-server with JetStream, on loopback and a port that the system picks. */
export class DemoServer {
  readonly #program: string;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #log = '';
  #url: string | undefined;

  /** @param folder for its configuration and store; the caller removes it */
  constructor(program: string, folder: string) {
    this.#program = program;
    this.#folder = folder;
  }

  /** The same over all restarts. */
  get url(): string {
    if (this.#url === undefined) throw new Error('the server was never started');
    return this.#url;
  }

  /**
   * Starts it, or starts it again on its port with its store.
   *
   * @throws {NatsxError} connection — it ends early or is not ready in time; with what it logged
   */
  async start(signal: AbortSignal): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    const file = join(this.#folder, 'server.conf');
    writeFileSync(file, this.#config(), { mode: 0o600 });
    const child = spawn(this.#program, ['-c', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#log = '';
    const end: { reason?: string } = {};
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
    child.once('error', (error) => (end.reason = error.message));
    child.once('close', (code) => (end.reason ??= `exit code ${code ?? 'unknown'}`));
    const deadline = performance.now() + READY_MS;
    for (;;) {
      if (end.reason !== undefined) throw this.#failed(`ended: ${end.reason}`);
      const url = await this.#readUrl(child.pid);
      if (url !== undefined) {
        this.#url = url;
        return;
      }
      if (performance.now() > deadline) throw this.#failed('was not ready within 30s');
      await pause(POLL_MS, undefined, { signal });
    }
  }

  /** Ends it at once, as a crash would, and waits until it is gone. */
  async crash(): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    this.kill();
    await gone;
  }

  /** Ends it at once. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #config(): string {
    const port = this.#url === undefined ? -1 : Number(new URL(this.#url).port);
    return [
      'host: "127.0.0.1"',
      `port: ${port}`,
      `ports_file_dir: ${JSON.stringify(this.#folder)}`,
      `jetstream { store_dir: ${JSON.stringify(join(this.#folder, 'store'))} }`,
      '',
    ].join('\n');
  }

  /** A server writes its ports into a file once it accepts connections. */
  async #readUrl(pid: number | undefined): Promise<string | undefined> {
    const file = join(this.#folder, `nats-server_${pid}.ports`);
    try {
      const ports = JSON.parse(await readFile(file, 'utf8')) as { readonly nats?: string[] };
      await rm(file, { force: true });
      return ports.nats?.[0];
    } catch {
      return undefined;
    }
  }

  #failed(why: string): NatsxError {
    const last = this.#log.trim().split('\n').slice(-3).join('\n');
    return new NatsxError('connection', `the nats-server of the tour ${why}`, {
      hint: `${this.#program} logged: ${last === '' ? 'nothing' : last}`,
    });
  }
}
