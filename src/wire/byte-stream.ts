import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import type * as NodeTls from 'node:tls';
import type { TlsMaterial } from '../connection/model/dial.js';
import { NatsxError } from '../core/errors.js';
import type { ServerAddress } from './server-address.js';

/** Memory that a plain connection reads into: larger reads mean fewer system calls in a burst. */
const READ_BUFFER_BYTES = 256 * 1024;
/** How much may wait in this process before a writer must pause. */
const WRITE_HIGH_WATER_BYTES = 1024 * 1024;
const CLOSE_TIMEOUT_MS = 1000;

/** Callbacks of a stream; replaced as a whole when its owner changes. */
export interface ByteStreamListener {
  /** `length` bytes at the start of `buffer`, which is reused after the call. */
  bytes(buffer: Buffer, length: number): void;
  drained(): void;
  /** Called once. Without a cause the other side closed the stream in order. */
  closed(cause: Error | undefined): void;
}

/**
 * A TCP connection that can turn into a TLS one, and reads without allocating where it is plain.
 */
export class ByteStream {
  bytesIn = 0;
  bytesOut = 0;
  #listener: ByteStreamListener;
  #socket: Socket;
  #cause: Error | undefined;
  #closed = false;

  private constructor(socket: Socket, listener: ByteStreamListener) {
    this.#socket = socket;
    this.#listener = listener;
  }

  /** Starts to connect to one resolved address; {@link connected} resolves when it is connected. */
  static open(ip: string, port: number, listener: ByteStreamListener): ByteStream {
    const holder: { stream?: ByteStream } = {};
    const onread: OnReadOpts = {
      buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
      callback: (length, buffer) => {
        holder.stream?.receive(buffer as Buffer, length);
        return true;
      },
    };
    const options = {
      host: ip,
      port,
      noDelay: true,
      onread,
      writableHighWaterMark: WRITE_HIGH_WATER_BYTES,
    };
    const stream = new ByteStream(connectTcp(options), listener);
    holder.stream = stream;
    stream.#listen(stream.#socket);
    return stream;
  }

  /** Resolves when the socket is connected; rejects with Node's error. */
  connected(): Promise<void> {
    return this.#event('connect');
  }

  /** Hands the stream to another owner. */
  listen(listener: ByteStreamListener): void {
    this.#listener = listener;
  }

  /**
   * Wraps the connection in TLS and checks the server's certificate against the name that was dialled.
   * Rejects with Node's error; with a usage error when a PEM text cannot be read.
   */
  async secure(address: ServerAddress, material: TlsMaterial): Promise<void> {
    // Only now: loading TLS takes a tenth of a short command.
    const tls = await import('node:tls');
    if (this.#closed) throw this.#cause ?? new Error('the peer closed the connection');
    const plain = this.#socket;
    plain.removeAllListeners();
    plain.on('error', (error) => (this.#cause ??= error));
    const name = address.certificateName ?? address.host;
    const secured = tls.connect({
      socket: plain,
      host: name,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      secureContext: secureContext(tls, material),
    });
    this.#socket = secured;
    this.#listen(secured);
    secured.on('data', (chunk: Buffer) => this.receive(chunk, chunk.length));
    await this.#event('secureConnect');
  }

  receive(buffer: Buffer, length: number): void {
    this.bytesIn += length;
    this.#listener.bytes(buffer, length);
  }

  /** False when the writer should wait for `drained`. The bytes must not change until `written` is called. */
  write(bytes: Uint8Array, written?: () => void): boolean {
    if (this.#closed) return true;
    this.bytesOut += bytes.length;
    return this.#socket.write(bytes, written);
  }

  get needsDrain(): boolean {
    return this.#socket.writableNeedDrain && !this.#closed;
  }

  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /**
   * Sends what was written, then closes. Reads on until the other side has closed as well: a socket that is closed with
   * unread bytes is reset, which can cost the bytes that were sent last.
   */
  end(): void {
    if (this.#closed) return;
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS);
    this.#socket.once('close', () => clearTimeout(timer));
    this.#socket.end();
    this.#socket.resume();
  }

  /** Closes at once; the listener gets `cause`. */
  destroy(cause?: Error): void {
    this.#cause ??= cause;
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('drain', () => this.#listener.drained());
    socket.on('error', (error) => (this.#cause ??= error));
    socket.on('close', () => {
      if (this.#closed) return;
      this.#closed = true;
      this.#listener.closed(this.#cause);
    });
  }

  #event(name: 'connect' | 'secureConnect'): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      socket.once(name, resolve);
      socket.once('close', () =>
        reject(this.#cause ?? new Error('the peer closed the connection')),
      );
    });
  }
}

function secureContext(
  { createSecureContext }: typeof NodeTls,
  { ca, cert, key }: TlsMaterial,
): NodeTls.SecureContext {
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    });
  } catch (cause) {
    throw new NatsxError('usage', 'the TLS certificate or key cannot be read', {
      hint: 'both must be PEM texts that belong together',
      cause,
    });
  }
}
