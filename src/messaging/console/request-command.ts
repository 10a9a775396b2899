import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import type { Answer, Answerer } from '../../core/message/answer.js';
import type { ReceivedMessage } from '../../core/message/message.js';
import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { decodeUtf8 } from '../../core/printable.js';

/** Environment variables of a process are limited, in bytes; a longer body is on stdin only. */
const LONGEST_VARIABLE = 100_000;
/** No server accepts a larger answer. */
const LONGEST_OUTPUT_BYTES = 64 * 1024 * 1024;
/** The exit code of a shell for a program that does not exist. */
const NOT_FOUND = 127;
/** The exit code of a shell for a program that it cannot start. */
const NOT_STARTED = 126;
/** The exit code of `timeout(1)`. */
const TOOK_TOO_LONG = 124;
/** How long a command may take to end after SIGTERM. */
const GRACE_MS = 1_000;
/** Whether a command and its children can be signalled as a group. */
const HAS_GROUPS = process.platform !== 'win32';

export interface CommandOptions {
  /** A command line for the system's shell. */
  readonly command: string;
  /** Called for each line that the command writes to stderr. */
  readonly onStderr: (line: string) => void;
  /** How long it may take, in milliseconds; then it is stopped. */
  readonly limitMs: number;
  /** Further variables of its environment. */
  readonly variables?: (request: ReceivedMessage) => Readonly<Record<string, string>>;
}

interface Outcome {
  readonly exitCode: number;
  readonly output: Buffer;
  readonly lastWords: string;
}

/** Answers requests with what a command writes to its stdout; the payload is on its stdin. */
export class RequestCommand {
  readonly #options: CommandOptions;
  readonly #running = new Set<ChildProcess>();

  constructor(options: CommandOptions) {
    this.#options = options;
  }

  readonly answer: Answerer = async (request, _number, signal) => {
    const { exitCode, output, lastWords } = await this.#run(request, signal);
    return answerOf(exitCode, output, lastWords);
  };

  #run(request: ReceivedMessage, signal: AbortSignal): Promise<Outcome> {
    const { command, onStderr, limitMs, variables } = this.#options;
    return new Promise((resolve) => {
      const env = { ...process.env, ...requestVariables(request), ...variables?.(request) };
      const child = start(command, env);
      if ('reason' in child) {
        onStderr(child.reason);
        resolve({ exitCode: NOT_STARTED, output: Buffer.alloc(0), lastWords: child.reason });
        return;
      }
      this.#started(child);
      const stop = (): void => kill(child, 'SIGTERM');
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      const limit = new TimeLimit(child, limitMs);
      const output = new Collected(child);
      const words = new LastLine(onStderr);
      child.stderr.on('data', (chunk: Buffer) => words.add(chunk));
      // A command need not read its stdin.
      child.stdin.on('error', () => undefined);
      child.stdin.end(request.payload);
      const settle = (exitCode: number, killedBy?: NodeJS.Signals): void => {
        signal.removeEventListener('abort', stop);
        this.#ended(child);
        const lastWords = words.end();
        if (limit.end()) resolve(tookTooLong(limitMs));
        else {
          const ended = killedBy && `the command was killed by ${killedBy}`;
          const words = output.complaint ?? ended ?? lastWords;
          resolve({ exitCode, output: output.bytes(), lastWords: words });
        }
      };
      child.once('error', (error) => {
        words.add(Buffer.from(error.message));
        settle(NOT_FOUND);
      });
      child.once('close', (code, name) => {
        if (name === null) settle(code ?? 1);
        else settle(128 + constants.signals[name], name);
      });
    });
  }

  /** A second Ctrl-C ends natsx immediately, and commands must not outlive it. */
  #started(child: ChildProcess): void {
    if (this.#running.size === 0) process.on('exit', this.#killAll);
    this.#running.add(child);
  }

  #ended(child: ChildProcess): void {
    this.#running.delete(child);
    if (this.#running.size === 0) process.off('exit', this.#killAll);
  }

  readonly #killAll = (): void => {
    for (const child of this.#running) kill(child, 'SIGKILL');
  };
}

function tookTooLong(limitMs: number): Outcome {
  const lastWords = `the command took longer than ${formatDurationMs(limitMs)}`;
  return { exitCode: TOOK_TOO_LONG, output: Buffer.alloc(0), lastWords };
}

/** Stops a command that takes too long: SIGTERM, then SIGKILL. */
class TimeLimit {
  #isOver = false;
  #timer: NodeJS.Timeout;

  constructor(child: ChildProcess, limitMs: number) {
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      kill(child, 'SIGTERM');
      this.#timer = setTimeout(() => kill(child, 'SIGKILL'), GRACE_MS);
    }, limitMs);
  }

  /** @returns whether the time was up */
  end(): boolean {
    clearTimeout(this.#timer);
    return this.#isOver;
  }
}

function answerOf(exitCode: number, payload: Uint8Array, lastWords: string): Answer {
  if (exitCode === 0) return { headers: undefined, payload, error: undefined };
  const description = lastWords === '' ? `the command exited with code ${exitCode}` : lastWords;
  return { headers: undefined, payload, error: { code: `${exitCode}`, description } };
}

/** Collects the stdout of a command; one that writes too much is killed. */
class Collected {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#size += chunk.length;
      if (this.#size > LONGEST_OUTPUT_BYTES) kill(child, 'SIGKILL');
      else this.#chunks.push(chunk);
    });
  }

  /** Why the command was killed, if it was. */
  get complaint(): string | undefined {
    return this.#size > LONGEST_OUTPUT_BYTES
      ? `the command wrote more than ${formatByteSize(LONGEST_OUTPUT_BYTES)}`
      : undefined;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

type Started = ChildProcessWithoutNullStreams | { readonly reason: string };

/** Starts a shell command line. Node.js reports a failure as an exception, as an event, or by missing streams. */
function start(command: string, env: NodeJS.ProcessEnv): Started {
  try {
    const child: ChildProcess = spawn(command, {
      shell: true,
      // A Ctrl-C in the terminal is for natsx, which lets running commands finish.
      detached: HAS_GROUPS,
      windowsHide: true,
      env,
    });
    if (hasStreams(child)) return child;
    child.once('error', () => undefined);
    return { reason: 'the command could not be started: too many files are open' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { reason: `the command could not be started: ${reason}` };
  }
}

function hasStreams(child: Partial<ChildProcess>): child is ChildProcessWithoutNullStreams {
  return Boolean(child.stdin && child.stdout && child.stderr);
}

function kill(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    // The shell and its children, which may outlive it.
    if (HAS_GROUPS) process.kill(-child.pid, name);
    else child.kill(name);
  } catch {
    // It has just ended.
  }
}

function requestVariables(request: ReceivedMessage): Readonly<Record<string, string | undefined>> {
  const { payload, subject, reply, headers } = request;
  const body = payload.length > LONGEST_VARIABLE ? undefined : decodeUtf8(payload);
  const named = JSON.stringify(Object.fromEntries(headers ?? []));
  return {
    // A variable cannot hold a NUL.
    NATS_REQUEST_SUBJECT: subject.includes('\0') ? undefined : subject,
    NATS_REQUEST_REPLY: reply?.includes('\0') === true ? undefined : reply,
    NATS_REQUEST_HEADERS: Buffer.byteLength(named) > LONGEST_VARIABLE ? undefined : named,
    NATS_REQUEST_BODY: body?.includes('\0') === true ? undefined : body,
  };
}

/** Passes text on line by line, and remembers the last line that was not blank. */
class LastLine {
  readonly #onLine: (line: string) => void;
  #rest = '';
  #last = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('utf8')).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#say(line);
  }

  end(): string {
    this.#say(this.#rest);
    return this.#last;
  }

  #say(line: string): void {
    if (line.trim() === '') return;
    this.#last = line.trim();
    this.#onLine(line);
  }
}
