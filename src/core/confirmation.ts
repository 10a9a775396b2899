import { NatsxError } from './errors.js';

/**
 * The failure of a command that destroys something and was not told `--yes`; natsx never asks back.
 *
 * @param untouched what did not happen, such as `the stream "ORDERS" was not removed`
 */
export function needsYes(untouched: string): NatsxError {
  return new NatsxError('usage', untouched, {
    hint: 'give --yes when it is meant, or --dry-run to look only',
  });
}
