import { NatsxError } from '../../core/errors.js';
import { explainParseFailure } from '../../terminal/parse-failure.js';

/** Sets the exit code of a Nagios-like check, once its line is printed. */
export function endWithStatus(status: 0 | 1 | 2 | 3): void {
  process.exitCode = status;
}

/**
 * What a check answers with "unknown": everything that natsx understands, a wrong flag as well, whose usual exit code
 * would be "critical" here. Undefined for bugs, `--help` and signals.
 */
export function checkFailure(error: Error): NatsxError | undefined {
  if ('code' in error && error.code === 'EEXIT') return undefined;
  const explained = explainParseFailure(error, []);
  return explained instanceof NatsxError ? explained : undefined;
}
