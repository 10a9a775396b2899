import { open, readFile, rename, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { fileError } from '../../connection/file-error.js';
import { NatsxError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { LOCK_FILE } from './log-files.js';

/** The process that wants to write, and how it finds out about others. */
export interface LockOwner {
  readonly pid: number;
  readonly isRunning: (pid: number) => boolean;
}

interface LockContent {
  readonly pid: number;
  readonly host: string;
  /** When that process began; its number may belong to another one since. */
  readonly began: string;
}

/** A lock of another machine counts as left behind after this time without a touch. */
const ABANDONED_MS = 15 * 60_000;
/** Taking over takes a moment; a file that says so for longer was left by a program that was killed. */
const TAKEOVER_MS = 10_000;
const MOST_TRIES = 5;

/** The right to write a log, while its file is there. */
export class LogLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws {NatsxError} rejected — another process writes; usage — it cannot be written */
  static async take(dir: string, owner: LockOwner): Promise<LogLock> {
    const path = join(dir, LOCK_FILE);
    const own: LockContent = { pid: owner.pid, host: hostname(), began: await beganAt(owner.pid) };
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      if (await create(path, JSON.stringify(own))) return new LogLock(path);
      const holder = await holderOf(path);
      if (holder === undefined) continue;
      if (await isWriting(holder, own, { owner, path })) throw taken(dir, holder);
      await removeLeftBehind(path, holder);
    }
    throw taken(dir, undefined);
  }

  /** Shows other machines that this process still writes. */
  async touch(nowMs: number): Promise<void> {
    await utimes(this.#path, nowMs / 1000, nowMs / 1000).catch(() => undefined);
  }

  async release(): Promise<void> {
    await unlink(this.#path).catch(() => undefined);
  }
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileError('write the history', path, error);
  }
}

/** Undefined when the lock is gone; process 0 where it is not written yet. */
async function holderOf(path: string): Promise<LockContent | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as LockContent;
  } catch {
    return { pid: 0, host: '', began: '' };
  }
}

async function isWriting(
  holder: LockContent,
  own: LockContent,
  { owner, path }: { readonly owner: LockOwner; readonly path: string },
): Promise<boolean> {
  if (holder.pid === 0) return ageMs(path).then((age) => age < TAKEOVER_MS);
  if (holder.host !== own.host) return ageMs(path).then((age) => age < ABANDONED_MS);
  // In containers every program has the same number.
  if (holder.pid === own.pid) return holder.began === own.began && own.began !== '';
  if (!owner.isRunning(holder.pid)) return false;
  const began = await beganAt(holder.pid);
  return began === '' || holder.began === '' || began === holder.began;
}

/** Of several that find the same lock left behind one removes it, and never the new lock of another. */
async function removeLeftBehind(path: string, seen: LockContent): Promise<void> {
  const takeover = `${path}.takeover`;
  if (!(await create(takeover, ''))) {
    if ((await ageMs(takeover)) > TAKEOVER_MS) await unlink(takeover).catch(() => undefined);
    return;
  }
  try {
    const now = await holderOf(path);
    if (JSON.stringify(now) === JSON.stringify(seen)) {
      await rename(path, `${path}.stale`);
      await unlink(`${path}.stale`);
    }
  } finally {
    await unlink(takeover).catch(() => undefined);
  }
}

async function ageMs(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}

/** When a process began, as Linux reports it; empty elsewhere. */
async function beganAt(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program may have spaces; the rest is counted from its end.
  const began = text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  if (began === undefined) return '';
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${boot.trim()}/${began}`;
}

function taken(dir: string, holder: LockContent | undefined): NatsxError {
  const who =
    holder === undefined || holder.pid === 0 ? '' : ` (process ${holder.pid} on ${holder.host})`;
  return new NatsxError('rejected', `another natsx records into ${quoted(dir)}${who}`, {
    hint: 'one history has one writer: stop the other one, or name another folder',
    ...(holder === undefined ? {} : { details: { pid: holder.pid, host: holder.host } }),
  });
}
