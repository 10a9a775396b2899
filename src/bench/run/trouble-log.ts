import { NatsxError } from '../../core/errors.js';
import type { BenchError } from '../model/report.js';
import type { Trouble } from './worker-setup.js';

/** Different problems to keep; equal ones are counted. */
const MOST_KINDS = 10;

/** What went wrong in a run, and whether it can continue. */
export class TroubleLog {
  readonly #counts = new Map<string, { readonly trouble: Trouble; count: number }>();
  #fatal: Trouble | undefined;

  add(trouble: Trouble): void {
    const key = `${trouble.kind} ${trouble.message}`;
    const known = this.#counts.get(key);
    if (known !== undefined) known.count++;
    else if (this.#counts.size < MOST_KINDS) this.#counts.set(key, { trouble, count: 1 });
    if (isFatal(trouble)) this.#fatal ??= trouble;
  }

  /** Adds an error that ended a client. */
  addError(error: unknown): void {
    const trouble = fatalTrouble(error);
    // The client has already reported the lost connection.
    if (this.#fatal?.kind === 'connection' && trouble.kind === 'connection') return;
    this.add(trouble);
  }

  get fatal(): Trouble | undefined {
    return this.#fatal;
  }

  /** The worst first, then the first. */
  get worst(): Trouble | undefined {
    return this.#fatal ?? [...this.#counts.values()][0]?.trouble;
  }

  errors(): readonly BenchError[] {
    return [...this.#counts.values()].map(({ trouble, count }) => ({
      kind: trouble.kind,
      message: trouble.message,
      count,
    }));
  }
}

/** What ended a client, in the parts that can be sent between threads and machines. */
export function fatalTrouble(error: unknown): Trouble {
  const known = error instanceof NatsxError;
  const message = error instanceof Error ? error.message : String(error);
  const hint = known ? error.hint : undefined;
  return { kind: known ? error.kind : 'internal', message, hint, fatal: true };
}

/** A run cannot continue without the connection, the permission, the responder or the stream. */
function isFatal(trouble: Trouble): boolean {
  return (
    trouble.fatal ||
    trouble.kind === 'auth' ||
    trouble.kind === 'no-responders' ||
    trouble.kind === 'not-found'
  );
}
