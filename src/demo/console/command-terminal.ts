import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';

import { NatsxError } from '../../core/errors.js';
import { formatDurationMs } from '../../core/values/duration.js';

/** How long a step of the tour may take. */
export const STEP_TIMEOUT_MS = 30_000;

/** Where commands of the tour run. */
export interface Place {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** A command of the tour that runs as if in a terminal of its own, with what it has written so far. */
export class CommandTerminal {
  readonly command: string;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  // Ctrl-C is for the tour first; a group of its own ends a pipeline as a whole.
  readonly #isGroup = process.platform !== 'win32';
  readonly #listeners = new Set<() => void>();
  #text = '';
  #end: { readonly code: number | null } | undefined;

  constructor(command: string, place: Place) {
    this.command = command;
    // A signal is for the program, not for a shell in front of it, which would give another exit code.
    const line = command.includes('|') || !this.#isGroup ? command : `exec ${command}`;
    this.#child = spawn(line, {
      ...place,
      shell: true,
      detached: this.#isGroup,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.#text += chunk;
        this.#changed();
      });
    }
    this.#child.once('error', (error) => {
      this.#text += error.message;
      this.#ended(127);
    });
    this.#child.once('close', (code) => this.#ended(code));
  }

  /** What it has written so far, on stdout and stderr. */
  get text(): string {
    return this.#text;
  }

  /** Waits until its output matches. @throws {NatsxError} timeout — it ended without it, or it took too long */
  async waitFor(pattern: RegExp): Promise<void> {
    await this.#until(() => pattern.exec(this.#text) ?? undefined, `${pattern} in its output`);
  }

  /** Waits for its end. @returns the exit code; null after a signal */
  async end(): Promise<number | null> {
    return (await this.#until(() => this.#end, 'its end')).code;
  }

  signal(name: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#end !== undefined) return;
    try {
      process.kill(this.#isGroup ? -pid : pid, name);
    } catch {
      // It has ended in the meantime.
    }
  }

  #ended(code: number | null): void {
    this.#end ??= { code };
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #until<Fact>(look: () => Fact | undefined, what: string): Promise<Fact> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(check);
      };
      const fail = (why: string): void => {
        done();
        const message = `"${this.command}": waited for ${what}, ${why}`;
        reject(new NatsxError('timeout', message, { hint: `it wrote: ${this.#text.trim()}` }));
      };
      const check = (): void => {
        const fact = look();
        if (fact !== undefined) {
          done();
          resolve(fact);
        } else if (this.#end !== undefined) fail('but it ended');
      };
      const timer = setTimeout(
        () => fail(`but not within ${formatDurationMs(STEP_TIMEOUT_MS)}`),
        STEP_TIMEOUT_MS,
      );
      this.#listeners.add(check);
      check();
    });
  }
}
