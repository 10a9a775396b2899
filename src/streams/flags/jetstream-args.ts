import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { NatsxError } from '../../core/errors.js';
import { parseSequence } from '../model/sequence.js';
import { parseConsumerName, parseStreamName } from '../../core/entity-name.js';

/** The name of a stream. */
export const streamArg = {
  stream: Args.string({
    description: 'name of the stream',
    required: true,
    ignoreStdin: true,
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    parse: async (name) => parseStreamName(name),
  }),
} as const;

/** The name of a stream that is created from another one. */
export const newStreamArg = {
  destination: Args.string({
    description: 'name of the new stream',
    required: true,
    ignoreStdin: true,
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    parse: async (name) => parseStreamName(name),
  }),
} as const;

/** A file with configurations. */
export const fileArg = {
  file: Args.string({
    description: 'JSON file, or - for stdin',
    required: true,
    ignoreStdin: true,
  }),
} as const;

/** The name of a consumer, after its stream's. */
export const consumerArg = {
  consumer: Args.string({
    description: 'name of the consumer',
    required: true,
    ignoreStdin: true,
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    parse: async (name) => parseConsumerName(name),
  }),
} as const;

/** The sequence of a message, as an argument. oclif does not name the wrong argument. */
export const sequenceArg = Args.custom<number>({
  description: 'its sequence',
  ignoreStdin: true,
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => {
    try {
      return parseSequence(text);
    } catch (error) {
      if (!(error instanceof NatsxError)) throw error;
      throw new NatsxError(error.kind, `SEQ: ${error.message}`, { hint: error.hint });
    }
  },
});

/** The sequence before which messages are removed; 0 removes none. */
export const purgeSequenceFlag = Flags.custom<number>({
  helpValue: '<sequence>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseSequence(text, 0),
});

/** The sequence of a message, as a flag. */
export const sequenceFlag = Flags.custom<number>({
  helpValue: '<sequence>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseSequence(text),
});
