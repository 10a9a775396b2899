import { exitCodeOf } from './exit-codes.js';

/** Why a command was stopped before it was done. */
export type StopReason = NodeJS.Signals | 'closed-output';

/**
 * The same signal twice within this time counts once: timeout(1) sends it to the process and to its group, and npx
 * forwards a Ctrl-C that the terminal has already sent.
 */
const ECHO_MS = 150;

/** Without a handler, SIGHUP would end natsx at once, even under nohup, because Node.js resets it. */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One abort signal for everything that stops a command from outside: Ctrl-C, SIGTERM, a closed terminal, or a reader of
 * stdout that has gone. The first signal stops it gracefully, the second ends the process at once.
 */
export class Lifecycle {
  readonly #controller = new AbortController();
  #reason: StopReason | undefined;
  #stoppedAtMs = 0;

  constructor() {
    for (const name of STOPPING) {
      process.on(name, () => {
        if (this.#isEcho(name)) return;
        if (this.#reason !== undefined) process.exit(exitCodeOf('interrupted', name));
        this.#stoppedAtMs = performance.now();
        this.stop(name);
      });
    }
  }

  #isEcho(name: NodeJS.Signals): boolean {
    return this.#reason === name && performance.now() - this.#stoppedAtMs < ECHO_MS;
  }

  /** Aborts when the command should stop, drain, and print what it has. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it was stopped; undefined if it was not. */
  get stopReason(): StopReason | undefined {
    return this.#reason;
  }

  /** The signal that stopped it, if one did. */
  get interruptedBy(): NodeJS.Signals | undefined {
    return this.#reason === 'closed-output' ? undefined : this.#reason;
  }

  stop(reason: StopReason): void {
    this.#reason ??= reason;
    this.#controller.abort(new StopRequest(reason));
  }
}

/** The reason of an abort from outside, which distinguishes interrupted waits from failures. */
export class StopRequest extends Error {
  override readonly name = 'AbortError';
  /** The exit code if the command did not handle the stop itself; 0 if only the reader of stdout has gone. */
  readonly exitCode: number;

  constructor(reason: StopReason) {
    super(`stopped by ${reason}`);
    this.exitCode = reason === 'closed-output' ? 0 : exitCodeOf('interrupted', reason);
  }
}
