import { exitCodeOf } from './exit-codes.js';

/** Why a command was asked to stop before its own end. */
export type StopReason = NodeJS.Signals | 'closed-output';

/**
 * The same signal twice within this time is one wish: timeout(1) sends it to the process and to its group, and npx
 * passes on the Ctrl-C that the terminal has sent already.
 */
const ONE_WISH_MS = 150;

/** Node.js takes back what nohup says of SIGHUP: without a handler it would end natsx on the spot. */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One abort signal for everything that ends a command from outside: Ctrl-C, SIGTERM, a terminal that was closed, and a
 * reader of stdout that went away. The first signal stops gently, the second one ends the process at once.
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
    return this.#reason === name && performance.now() - this.#stoppedAtMs < ONE_WISH_MS;
  }

  /** Aborts when the command should stop what it does, drain, and print what it has. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it was asked to stop; undefined while it was not. */
  get stopReason(): StopReason | undefined {
    return this.#reason;
  }

  /** The signal that ended it, if one did. */
  get interruptedBy(): NodeJS.Signals | undefined {
    return this.#reason === 'closed-output' ? undefined : this.#reason;
  }

  stop(reason: StopReason): void {
    this.#reason ??= reason;
    this.#controller.abort(new StopRequest(reason));
  }
}

/** The reason of an abort that came from outside, so that waits that throw it can be told from failures. */
export class StopRequest extends Error {
  override readonly name = 'AbortError';
  /** A signal that nobody turned into a summary still tells itself by the code; a reader that left does not. */
  readonly exitCode: number;

  constructor(reason: StopReason) {
    super(`stopped by ${reason}`);
    this.exitCode = reason === 'closed-output' ? 0 : exitCodeOf('interrupted', reason);
  }
}
