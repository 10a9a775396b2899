import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { NatsxError } from '../core/errors.js';

/** Destructive commands show what they would do, and do it only with `--yes`; natsx never prompts. */
export const confirmFlags = {
  yes: Flags.boolean({ char: 'y', summary: 'make the change; without it nothing changes' }),
  'dry-run': Flags.boolean({
    summary: 'only show what would change, and exit with 0',
    exclusive: ['yes', 'force'],
  }),
  // The nats CLI's name of --yes.
  force: Flags.boolean({ char: 'f', hidden: true }),
} as const;

type ConfirmFlagValues = Readonly<InferredFlags<typeof confirmFlags>>;

/** Whether the user confirmed the change. */
export function isConfirmed({ yes, force }: ConfirmFlagValues): boolean {
  return yes || force;
}

/**
 * The last step of a destructive command that has shown what it would change.
 *
 * @param untouched what did not happen, such as `the stream "ORDERS" was not removed`
 * @throws usage unless the change was confirmed or `--dry-run` was given
 */
export function requireConfirmation(flags: ConfirmFlagValues, untouched: string): void {
  if (isConfirmed(flags) || flags['dry-run']) return;
  throw new NatsxError('usage', untouched, {
    hint: 'add --yes to do it, or --dry-run to only see what would change',
  });
}
