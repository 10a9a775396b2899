import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { Socket } from 'node:net';

import { redact } from '../../core/redact.js';
import { printableBytes } from '../../core/printable.js';
import type { FaultCommand } from '../model/fault-plan.js';
import type { CommandRun } from '../model/injected.js';

/** What is kept of the output of each run. */
const LONGEST_OUTPUT_BYTES = 4 * 1024;
/** Runs that are reported. */
const MOST_RUNS = 1_000;
/** How long the command may take to end after SIGTERM. */
const GRACE_MS = 1_000;
/** For what it wrote last, after its end. */
const LAST_WORDS_MS = 200;
const NOT_STARTED = 127;

/** Runs the operator's command periodically; it never runs twice at the same time. */
export class OperatorCommand {
  readonly runs: CommandRun[] = [];
  readonly #command: FaultCommand;
  readonly #begins: (atMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  /** @param begins called when it starts, with the time since the load began in milliseconds */
  constructor(command: FaultCommand, begins: (atMs: number) => void) {
    this.#command = command;
    this.#begins = begins;
  }

  /** Runs it every period, the first time after one period, and not later than `untilMs`. */
  start(untilMs: number): void {
    const startedMs = performance.now();
    const { everyMs } = this.#command;
    const next = (number: number): void => {
      const atMs = number * everyMs;
      if (atMs >= untilMs) return;
      const waitMs = Math.max(0, startedMs + atMs - performance.now());
      this.#timer = setTimeout(() => {
        if (this.#child === undefined) this.#run(Math.round(performance.now() - startedMs));
        next(number + 1);
      }, waitMs);
    };
    next(1);
  }

  /** Ends it, with its children. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    killGroup(child, 'SIGTERM');
    const grace = setTimeout(() => killGroup(child, 'SIGKILL'), GRACE_MS);
    await this.#ended;
    clearTimeout(grace);
  }

  #run(atMs: number): void {
    this.#begins(atMs);
    const child = spawn(this.#command.line, {
      shell: true,
      detached: true,
      env: process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    // A second Ctrl-C ends natsx immediately, and the command must not outlive it.
    const killAll = (): void => killGroup(child, 'SIGKILL');
    process.on('exit', killAll);
    const output = new Head();
    child.stdout.on('data', (chunk: Buffer) => output.add(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.add(chunk));
    this.#ended = new Promise((resolve) => {
      let isOver = false;
      const over = (exit: number | null): void => {
        if (isOver) return;
        isOver = true;
        process.off('exit', killAll);
        this.#child = undefined;
        // A server that it started may still write to them, but need not be waited for.
        for (const pipe of [child.stdout, child.stderr]) if (pipe instanceof Socket) pipe.unref();
        if (this.runs.length < MOST_RUNS) this.runs.push({ atMs, exit, output: output.text() });
        resolve();
      };
      child.once('error', (error) => {
        output.add(Buffer.from(error.message));
        over(NOT_STARTED);
      });
      child.once('close', over);
      // A server that the command started in the background keeps its pipes open.
      child.once('exit', (code) => setTimeout(() => over(code), LAST_WORDS_MS));
    });
  }
}

/** The beginning of an output. */
class Head {
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #cut = false;

  add(chunk: Buffer): void {
    const room = LONGEST_OUTPUT_BYTES - this.#size;
    if (chunk.length > room) this.#cut = true;
    if (room <= 0) return;
    const part = chunk.subarray(0, room);
    this.#chunks.push(part);
    this.#size += part.length;
  }

  text(): string {
    const text = printableBytes(Buffer.concat(this.#chunks), { keepLines: true }).trimEnd();
    return redact(this.#cut ? `${text} …` : text);
  }
}

function killGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended.
  }
}
