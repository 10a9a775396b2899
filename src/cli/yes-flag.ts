import * as Flags from '@oclif/core/flags';

/** Destructive commands show what would go, and do it only with this; natsx never asks. */
export const yesFlag = {
  yes: Flags.boolean({
    char: 'y',
    summary: 'do it; without this the command only shows what would happen',
  }),
  // natscli's word for it.
  force: Flags.boolean({ char: 'f', hidden: true }),
} as const;

/** Whether the user said that it is meant. */
export function isConfirmed(flags: { readonly yes: boolean; readonly force: boolean }): boolean {
  return flags.yes || flags.force;
}
