import * as Args from '@oclif/core/args';

import { parseConsumerName, parseStreamName } from '../../domain/entity-name.js';

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
