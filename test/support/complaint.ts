import { NatsxError } from '../../src/core/errors.js';

/** `kind: message | hint` of the NatsxError that `action` throws; what it returned when it does not throw. */
export function complaint(action: () => unknown): string {
  try {
    return `no error: ${String(action())}`;
  } catch (error) {
    if (!(error instanceof NatsxError)) throw error;
    return `${error.kind}: ${error.message}${error.hint === undefined ? '' : ` | ${error.hint}`}`;
  }
}
