import * as Flags from '@oclif/core/flags';

/** How a stream is written to. */
export const publishModeFlags = {
  mode: Flags.option({
    options: ['sync', 'async', 'atomic', 'fast'] as const,
    summary:
      'one message at a time, many, in atomic batches (server 2.12), or in a fast batch (2.14) [default: async]',
    helpGroup: 'LOAD',
  })(),
  batch: Flags.integer({
    summary: 'messages per atomic batch, or per acknowledgement of a fast batch [default: 500]',
    helpGroup: 'LOAD',
  }),
};
