import { NatsxError } from '../../core/errors.js';
import type { BenchError } from '../model/report.js';
import type { Trouble } from './worker-setup.js';

/** What goes wrong for good reasons only once is kept once, with its count. */
const MOST_KINDS = 10;

/** What went wrong in a run, and whether it should go on. */
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

  /** The same for an error that ended a lane. */
  addError(error: unknown): void {
    const known = error instanceof NatsxError;
    const kind = known ? error.kind : 'internal';
    const message = error instanceof Error ? error.message : String(error);
    // The lane has told of its end already.
    if (this.#fatal?.kind === 'connection' && kind === 'connection') return;
    this.add({ kind, message, hint: known ? error.hint : undefined, fatal: true });
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

/** Going on makes no sense without the connection, the permission, the responder or the stream. */
function isFatal(trouble: Trouble): boolean {
  return (
    trouble.fatal ||
    trouble.kind === 'auth' ||
    trouble.kind === 'no-responders' ||
    trouble.kind === 'not-found'
  );
}
