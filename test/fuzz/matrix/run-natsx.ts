import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cliEnvironment, cliWords } from '../../support/run-cli.js';
import { startInPty } from '../../support/pty.js';
import { ownChild } from '../../support/shut-down.js';
import type { Sink } from './dimensions.js';

/** How long one run of natsx may take before it counts as a hang. */
const LIMIT_MS = 60_000;
/** A pipe that is read this slowly fills up behind everything that is larger than it. */
const SLOW_READ_BYTES = 32 * 1024;

export interface Ended {
  /** 128 + n after a signal. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly hung: boolean;
}

export interface StartedNatsx {
  /** Waits until stderr has it, or the program has ended. */
  saysOnStderr(pattern: RegExp): Promise<void>;
  readonly ended: Promise<Ended>;
}

export interface NatsxOptions {
  readonly sink: Sink;
  readonly home: string;
  readonly stdin?: Buffer | ChildProcess['stdout'];
  readonly env?: Readonly<Record<string, string>>;
  /** Where a file for stdout may be made. */
  readonly folder: string;
}

/** Starts natsx with its stdout in one of the sinks. */
export function startNatsx(args: readonly string[], options: NatsxOptions): StartedNatsx {
  return options.sink === 'pty' ? inPty(args, options) : inChild(args, options);
}

function inPty(args: readonly string[], { home, env }: NatsxOptions): StartedNatsx {
  const running = startInPty(args, {
    home,
    columns: 200,
    timeoutMs: LIMIT_MS,
    ...(env !== undefined && { env }),
  });
  const ended = running.exit.then(({ code, drawn }) => ({
    code: code ?? 137,
    stdout: Buffer.from(drawn),
    stderr: '',
    hung: code === null,
  }));
  const isOver = ended.then(() => undefined);
  return {
    ended,
    saysOnStderr: (pattern) =>
      Promise.race([running.waitFor(pattern).then(() => undefined), isOver]),
  };
}

function inChild(args: readonly string[], options: NatsxOptions): StartedNatsx {
  const { sink, home, env, folder, stdin } = options;
  const file = join(folder, 'stdout');
  const target =
    sink === 'file'
      ? openSync(file, 'w')
      : sink === 'full-disk'
        ? openSync('/dev/full', 'w')
        : 'pipe';
  const [program, ...words] = cliWords();
  const child = spawn(program, [...words, ...args], {
    cwd: home,
    env: cliEnvironment(home, env),
    stdio: [stdin === undefined ? 'ignore' : 'pipe', target, 'pipe'],
  });
  ownChild(child);
  if (typeof target === 'number') closeSync(target);
  child.stdin?.on('error', () => undefined);
  if (Buffer.isBuffer(stdin)) child.stdin?.end(stdin);
  if (sink === 'closed-pipe') child.stdout?.destroy();

  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const listeners = new Set<() => void>();
  const isRead = readOut(child, sink, out);
  child.stderr?.on('data', (chunk: Buffer) => {
    err.push(chunk);
    for (const listener of listeners) listener();
  });
  const stderr = (): string => Buffer.concat(err).toString();
  let hung = false;
  const killer = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, LIMIT_MS);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(killer);
      void isRead.then(() =>
        resolve({
          code: code ?? 137,
          stdout: sink === 'file' ? readFileSync(file) : Buffer.concat(out),
          stderr: stderr(),
          hung,
        }),
      );
    });
  });
  const says = (pattern: RegExp): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!pattern.test(stderr())) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });
  return {
    ended,
    saysOnStderr: (pattern) => Promise.race([says(pattern), ended.then(() => undefined)]),
  };
}

async function readOut(child: ChildProcess, sink: Sink, out: Buffer[]): Promise<void> {
  const { stdout } = child;
  if (stdout === null || sink === 'closed-pipe') return;
  if (sink !== 'slow-pipe') {
    stdout.on('data', (chunk: Buffer) => out.push(chunk));
    return;
  }
  let read = 0;
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    out.push(chunk);
    read += chunk.length;
    if (read < SLOW_READ_BYTES) continue;
    read = 0;
    await pause(1);
  }
}
