import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TestRunner, onTestFinished } from 'vitest';

import { eventually } from './eventually.js';
import { endChild, ownChild, temporaryFolder } from './shut-down.js';

/** The program as it runs from a checkout. */
const cliEntry = join(import.meta.dirname, '../../bin/run.js');

/**
 * The words that start natsx: those of the checkout, or the executable that `NATSX_PROGRAM` names, on which the same
 * tests then run.
 */
export function cliWords(
  options: Pick<CliOptions, 'node' | 'entry' | 'program'> = {},
): readonly [program: string, ...args: string[]] {
  const { node, entry } = options;
  const chosen = node ?? entry;
  const program = options.program ?? (chosen === undefined ? process.env['NATSX_PROGRAM'] : '');
  if (program) return [program];
  return [node ?? process.execPath, entry ?? cliEntry];
}

export interface CliOptions {
  /** Bytes on stdin, then its end. Left out: stdin is `/dev/null`. */
  readonly stdin?: string | Uint8Array;
  /** Added to an environment that holds nothing but PATH, TMPDIR, HOME and XDG_CONFIG_HOME; undefined removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default the home folder */
  readonly cwd?: string;
  /** A home folder to share between runs. @default a new, empty one for each run */
  readonly home?: string;
  /** When the program is killed. @default 60_000 */
  readonly timeoutMs?: number;
  /** Another entry file than the checkout's, e.g. the one of an installed package. */
  readonly entry?: string;
  /** Another Node.js program than the one that runs the tests. */
  readonly node?: string;
  /** An executable of natsx, which needs no Node.js. */
  readonly program?: string;
}

export interface StartOptions extends CliOptions {
  /** `true` keeps stdin open for writing through `stdin`. @default true when no `stdin` bytes are given */
  readonly stdinOpen?: boolean;
}

export interface CliResult {
  /** Exit code; null when a signal ended the program. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stdoutBytes: Buffer;
  readonly stderr: string;
  readonly durationMs: number;
  /** True when the program was killed because `timeoutMs` had passed. */
  readonly timedOut: boolean;
}

export interface RunningCli {
  readonly pid: number;
  /** Resolves with the match once the text written so far contains the pattern; fails when the program ends without. */
  waitForStdout(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  waitForStderr(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  stdoutSoFar(): string;
  stderrSoFar(): string;
  /** Writes to the program's stdin. */
  write(bytes: string | Uint8Array): void;
  endStdin(): void;
  /** Closes our end of the program's stdout, as `| head -1` does. */
  closeStdout(): void;
  /** Stops reading stdout, as a slow reader does, until `resumeStdout()`. */
  pauseStdout(): void;
  resumeStdout(): void;
  signal(name: NodeJS.Signals): void;
  /** Resolves when the program has ended and its output has been read to the end. */
  readonly exit: Promise<CliResult>;
}

/** Runs `natsx` with these arguments to its end. Never throws for an exit code. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, { ...options, stdinOpen: false }).exit;
}

/**
 * Starts `natsx` and returns at once. What still runs when the test ends is killed (for concurrent tests: when the
 * file ends).
 */
export function startCli(args: readonly string[], options: StartOptions = {}): RunningCli {
  const home = options.home ?? emptyHome();
  const stdinOpen = options.stdinOpen ?? options.stdin === undefined;
  const [program, ...words] = cliWords(options);
  const child = spawn(program, [...words, ...args], {
    cwd: options.cwd ?? home,
    env: cliEnvironment(home, options.env),
    stdio: [stdinOpen || options.stdin !== undefined ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  own(child);
  // A program that ends without reading its stdin is a result to look at, not a failure of the test's.
  child.stdin?.on('error', () => undefined);
  if (options.stdin !== undefined) child.stdin?.end(options.stdin);
  return follow(child, options.timeoutMs ?? 60_000);
}

/** A new home folder; the program's contexts live under `.config` in it. */
export function emptyHome(): string {
  const home = temporaryFolder('home');
  mkdirSync(join(home, '.config'));
  return home;
}

/** The environment from scratch, so that nothing of the developer's own (`NATS_URL`, `NO_COLOR` …) reaches a test. */
export function cliEnvironment(home: string, extra: CliOptions['env'] = {}): NodeJS.ProcessEnv {
  const { PATH, TMPDIR } = process.env;
  return {
    ...(PATH !== undefined && { PATH }),
    ...(TMPDIR !== undefined && { TMPDIR }),
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    ...extra,
  };
}

function own(child: ChildProcess): void {
  ownChild(child);
  const running = TestRunner.getCurrentTest();
  // Among concurrent tests "the current one" may be somebody else.
  if (running === undefined || running.concurrent) return;
  onTestFinished(() => endChild(child, 'SIGKILL'));
}

function follow(child: ChildProcess, timeoutMs: number): RunningCli {
  const startedAt = performance.now();
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString('utf8');

  let timedOut = false;
  const killer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, timeoutMs);

  let ended = false;
  const exit = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(killer);
      ended = true;
      const stdoutBytes = Buffer.concat(stdout);
      resolve({
        code,
        signal,
        stdout: stdoutBytes.toString('utf8'),
        stdoutBytes,
        stderr: text(stderr),
        durationMs: performance.now() - startedAt,
        timedOut,
      });
    });
  });

  const waitFor = async (name: string, chunks: Buffer[], pattern: RegExp, waitMs = 30_000) => {
    const search = () =>
      new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(text(chunks));
    const outcome = await eventually(
      `natsx writes ${pattern} to ${name}`,
      () => search() ?? (ended ? 'ended' : undefined),
      { timeoutMs: waitMs, intervalMs: 5 },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${story()}`, { cause: error });
    });
    if (outcome === 'ended') {
      throw new Error(`natsx ended without writing ${pattern} to ${name}\n${story()}`);
    }
    return outcome;
  };
  const story = () => `stdout: ${text(stdout)}\nstderr: ${text(stderr)}`;

  return {
    pid: child.pid ?? 0,
    waitForStdout: (pattern, waitMs) => waitFor('stdout', stdout, pattern, waitMs),
    waitForStderr: (pattern, waitMs) => waitFor('stderr', stderr, pattern, waitMs),
    stdoutSoFar: () => text(stdout),
    stderrSoFar: () => text(stderr),
    write: (bytes) => void child.stdin?.write(bytes),
    endStdin: () => void child.stdin?.end(),
    closeStdout: () => void child.stdout?.destroy(),
    pauseStdout: () => void child.stdout?.pause(),
    resumeStdout: () => void child.stdout?.resume(),
    signal: (name) => void child.kill(name),
    exit,
  };
}
