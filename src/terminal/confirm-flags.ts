import * as Flags from '@oclif/core/flags';

import { NatsxError } from '../core/errors.js';

/** Destructive commands show what they would do, and do it only with `--yes`; natsx never asks. */
export const confirmFlags = {
  yes: Flags.boolean({ char: 'y', summary: 'do it; without this nothing is changed' }),
  'dry-run': Flags.boolean({
    summary: 'only show what would happen, which is then no failure',
    exclusive: ['yes', 'force'],
  }),
  // natscli's word for --yes.
  force: Flags.boolean({ char: 'f', hidden: true }),
} as const;

interface ConfirmFlagValues {
  readonly yes: boolean;
  readonly force: boolean;
  readonly 'dry-run': boolean;
}

/** Whether the user said that it is meant. */
export function isConfirmed({ yes, force }: ConfirmFlagValues): boolean {
  return yes || force;
}

/**
 * The last step of a destructive command that only looked.
 *
 * @param untouched what did not happen, such as `the stream "ORDERS" was not removed`
 * @throws usage unless it was done, or only looking was meant
 */
export function requireConfirmation(flags: ConfirmFlagValues, untouched: string): void {
  if (isConfirmed(flags) || flags['dry-run']) return;
  throw new NatsxError('usage', untouched, {
    hint: 'give --yes when it is meant, or --dry-run to look only',
  });
}
