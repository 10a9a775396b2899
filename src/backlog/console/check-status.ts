import { NatsxError } from '../../core/errors.js';
import { explainParseFailure } from '../../terminal/parse-failure.js';

/** Sets the exit code of a Nagios check, after its line is printed. */
export function endWithStatus(status: 0 | 1 | 2 | 3): void {
  process.exitCode = status;
}

/**
 * The failure that a check reports as UNKNOWN: every error that natsx knows, including a wrong flag, whose usual exit code
 * would mean CRITICAL here. Undefined for bugs, `--help` and signals.
 */
export function checkFailure(error: Error): NatsxError | undefined {
  if ('code' in error && error.code === 'EEXIT') return undefined;
  const explained = explainParseFailure(error, []);
  return explained instanceof NatsxError ? explained : undefined;
}
