import { closeSync, createReadStream, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

import { fileReason } from '../connection/file-error.js';
import { usageError } from '../core/errors.js';
import { quoted } from '../core/printable.js';

/**
 * The chunks of stdin as they arrive; ends early, without an error, when the signal aborts.
 *
 * @throws {NatsxError} usage — it cannot be read
 */
export function stdinChunks(signal: AbortSignal): AsyncIterable<Buffer> {
  // Node.js reads a folder as an empty stdin.
  if (isFolder(0)) throw unreadable('stdin', Object.assign(new Error(), { code: 'EISDIR' }));
  return chunksOf(process.stdin, signal, 'stdin');
}

/** Everything on stdin. @throws {NatsxError} usage — it cannot be read */
export async function readStdin(signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdinChunks(signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A whole file. @throws {NatsxError} usage — it cannot be read */
export function readInputFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(`the file ${quoted(path)}`, error);
  }
}

/** Checks before connecting that a file can be opened. @throws {NatsxError} usage */
export function checkInputFile(path: string): void {
  try {
    closeSync(openSync(path, 'r'));
  } catch (error) {
    throw unreadable(`the file ${quoted(path)}`, error);
  }
}

/** The chunks of a file. @throws {NatsxError} usage — it cannot be read */
export function fileChunks(path: string, signal: AbortSignal): AsyncIterable<Buffer> {
  return chunksOf(createReadStream(path), signal, `the file ${quoted(path)}`);
}

async function* chunksOf(
  stream: Readable,
  signal: AbortSignal,
  what: string,
): AsyncIterable<Buffer> {
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const chunk of stream) {
      yield chunk as Buffer;
      if (signal.aborted) return;
    }
  } catch (error) {
    if (!signal.aborted) throw unreadable(what, error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function isFolder(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isDirectory();
  } catch {
    return false;
  }
}

function unreadable(what: string, error: unknown): Error {
  return usageError(`cannot read ${what}: ${fileReason(error)}`);
}
