import { spawn, spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { TestRunner } from 'vitest';
import { eventually } from './eventually.js';
import { cliEnvironment, cliWords, emptyHome, type CliOptions } from './run-cli.js';
import { ownChild } from './shut-down.js';

export interface PtyOptions extends Pick<
  CliOptions,
  'env' | 'cwd' | 'home' | 'entry' | 'timeoutMs'
> {
  /** @default 80 */
  readonly columns?: number;
  /** @default 24 */
  readonly rows?: number;
}

export interface PtyResult {
  /** Exit code as a shell reports it: 128 + n after a signal. */
  readonly code: number | null;
  /** Everything that was drawn, control sequences included; stdout and stderr are one. */
  readonly drawn: string;
  /** The same without control sequences. */
  readonly text: string;
}

export interface RunningPty {
  /** Waits until the text drawn so far (without control sequences) contains the pattern. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Types: `'\x03'` is Ctrl-C, `'\x04'` Ctrl-D. */
  type(keys: string): void;
  readonly exit: Promise<PtyResult>;
}

type Launcher = (command: string) => readonly [program: string, ...args: string[]];

/** util-linux: `-e` hands the exit code on, `-f` flushes after each write. */
const withScript: Launcher = (command) => ['script', '-qefc', command, '/dev/null'];

const pythonProgram = `
import os, pty, sys
status = pty.spawn(['/bin/sh', '-c', sys.argv[1]])
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;
const withPython: Launcher = (command) => ['python3', '-c', pythonProgram, command];

let found: Launcher | 'none' | undefined;

/** Skips the running test, and says why, where nothing can make a pseudo terminal. First line of a test. */
export function requiresPty(): void {
  const running = TestRunner.getCurrentTest();
  if (running === undefined) throw new Error('requiresPty() belongs inside a test');
  if (launcher() !== 'none') return;
  running.context.skip('needs a pseudo terminal: neither util-linux script nor python3 is here');
}

/** Runs `natsx` in a pseudo terminal to its end. */
export function runInPty(args: readonly string[], options: PtyOptions = {}): Promise<PtyResult> {
  return startInPty(args, options).exit;
}

/** Starts `natsx` as the foreground program of a pseudo terminal of the given size. */
export function startInPty(args: readonly string[], options: PtyOptions = {}): RunningPty {
  const { columns = 80, rows = 24, home = emptyHome(), timeoutMs = 60_000 } = options;
  const launch = launcher();
  if (launch === 'none') throw new Error('no pseudo terminal here; call requiresPty() first');
  const natsx = [...cliWords(options), ...args].map(quoted).join(' ');
  const [program, ...words] = launch(`stty cols ${columns} rows ${rows} && exec ${natsx}`);
  const child = spawn(program, words, {
    cwd: options.cwd ?? home,
    env: cliEnvironment(home, { TERM: 'xterm-256color', SHELL: '/bin/sh', ...options.env }),
    // stdin stays open: its end would be typed as Ctrl-D.
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  ownChild(child);
  child.stdin.on('error', () => undefined);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const drawn = () => Buffer.concat(chunks).toString('utf8');
  const killer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const exit = new Promise<PtyResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(killer);
      resolve({ code, drawn: drawn(), text: stripVTControlCharacters(drawn()) });
    });
  });
  return {
    waitFor: (pattern, waitMs = 30_000) =>
      eventually(
        `natsx draws ${pattern}`,
        () => {
          const match = pattern.exec(stripVTControlCharacters(drawn()));
          if (match === null) throw new Error(`drawn so far: ${JSON.stringify(drawn())}`);
          return match;
        },
        { timeoutMs: waitMs },
      ),
    type: (keys) => void child.stdin.write(keys),
    exit,
  };
}

function launcher(): Launcher | 'none' {
  found ??= findLauncher();
  return found;
}

function findLauncher(): Launcher | 'none' {
  // Other systems have a `script` as well, with other flags.
  if (versionOf('script').includes('util-linux')) return withScript;
  if (versionOf('python3').startsWith('Python 3')) return withPython;
  return 'none';
}

function versionOf(program: string): string {
  const { error, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return error === undefined ? stdout : '';
}

/** A word as /bin/sh reads it literally. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
