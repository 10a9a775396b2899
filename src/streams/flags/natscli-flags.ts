import * as Flags from '@oclif/core/flags';

import { usageError } from '../../core/errors.js';

/** Flags of the official CLI that natsx does not need, or does in another way. They are not in the help. */
export const natscliCreateFlags = {
  defaults: Flags.boolean({ hidden: true }),
  output: Flags.string({ hidden: true }),
} as const;

export const natscliEditFlags = {
  interactive: Flags.boolean({ char: 'i', allowNo: true, hidden: true }),
} as const;

interface NatscliFlagValues {
  readonly defaults?: boolean | undefined;
  readonly output?: string | undefined;
  readonly interactive?: boolean | undefined;
}

/**
 * Answers such flags.
 *
 * @returns what to say about a flag that has no effect; undefined when there is none
 * @throws usage for a flag whose work another command does
 */
export function answerNatscliFlags(
  flags: NatscliFlagValues,
  topic: 'stream' | 'consumer',
): string | undefined {
  if (flags.output !== undefined) {
    throw usageError(
      '--output is a flag of the nats CLI: natsx does not write the configuration to a file',
      `natsx ${topic} create … --dry-run --json | jq .config prints it`,
    );
  }
  if (flags.interactive === true) {
    throw usageError(
      '--interactive is a flag of the nats CLI: natsx opens no editor',
      `edit what natsx ${topic} info … --json prints, and give it to --config FILE`,
    );
  }
  return flags.defaults === true ? '--defaults has no effect: natsx never asks' : undefined;
}
