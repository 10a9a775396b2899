import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { parseCount } from '../../core/values/count.js';
import { usageError } from '../../core/errors.js';
import { parseTimeToLive } from '../../core/message/publish-headers.js';
import { quoted } from '../../core/printable.js';
import { durationFlag } from '../../terminal/flag-types.js';
import { scheduleFlags } from './schedule-flags.js';

const helpGroup = 'JETSTREAM';
const dependsOn = ['jetstream'];
const DEFAULT_WINDOW = 500;
/** The length of a stream's own queue. */
const LARGEST_WINDOW = 10_000;

const sequenceFlag = Flags.custom({
  helpValue: '<sequence>',
  helpGroup,
  dependsOn,
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => {
    if (/^\d{1,20}$/.test(text)) return text;
    throw usageError(
      `${quoted(text)} is not a sequence`,
      'use a whole number; 0 means that there is none yet',
    );
  },
});

/** The flags for publishing to a stream. */
export const jetStreamPublishFlags = {
  jetstream: Flags.boolean({
    char: 'J',
    summary: 'publish to a stream, and wait for its acknowledgements',
    helpGroup,
    exclusive: ['reply'],
  }),
  window: Flags.custom<number>({
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    parse: async (text) => windowOf(text),
  })({
    helpValue: '<number>',
    summary: `maximum number of unacknowledged messages [default: ${DEFAULT_WINDOW}]`,
    helpGroup,
    dependsOn,
  }),
  atomic: Flags.boolean({
    summary: 'store all messages or none, at most 1,000 (server 2.12, stream with --allow-batch)',
    helpGroup,
    dependsOn,
    exclusive: ['batch', 'window', 'retry-for', 'keep-going', 'rate', 'interval'],
  }),
  batch: Flags.string({
    options: ['fast'],
    summary:
      'publish as one fast batch, and report gaps in it (server 2.14, stream with --allow-fast)',
    helpGroup,
    dependsOn,
    exclusive: ['window', 'retry-for', 'ack', 'msg-id', 'msg-id-from'],
  }),
  'msg-id': Flags.string({
    helpValue: '<template>',
    summary: "message id, for the stream to detect duplicates: 'import-7-{{Count}}', '{{ID}}'",
    helpGroup,
    dependsOn,
    exclusive: ['msg-id-from'],
  }),
  'msg-id-from': Flags.string({
    helpValue: 'hash|json:<path>|header:<name>',
    summary:
      'take the message id from the message: json:.order.id, header:Order-Id, or hash (of the whole message)',
    helpGroup,
    dependsOn,
  }),
  'expect-stream': Flags.string({
    helpValue: '<stream>',
    summary: 'store only in this stream',
    helpGroup,
    dependsOn,
  }),
  'expect-last-seq': sequenceFlag({
    summary: 'store only if this is the last sequence of the stream',
  }),
  'expect-last-subject-seq': sequenceFlag({
    summary: 'store only if this is the last sequence of the subject',
  }),
  'expect-last-msg-id': Flags.string({
    helpValue: '<id>',
    summary: 'store only if the last message of the stream has this id',
    helpGroup,
    dependsOn,
  }),
  ttl: Flags.custom({
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    parse: async (text) => parseTimeToLive(text),
  })({
    helpValue: '<duration>|never',
    summary: 'how long the stream keeps the messages (server 2.11 and newer)',
    helpGroup,
    dependsOn,
  }),
  'retry-for': durationFlag({
    summary:
      'keep retrying this long without an acknowledgement [default: 30s; first message: --timeout]',
    helpGroup,
    dependsOn,
  }),
  'keep-going': Flags.boolean({
    summary: 'continue with the next message when one is rejected, or lost in a fast batch',
    helpGroup,
    dependsOn,
  }),
  ack: Flags.string({
    options: ['json'],
    summary: 'print a line for each message: stream, sequence, duplicate',
    helpGroup,
    dependsOn,
    exclusive: ['json'],
  }),
  failed: Flags.string({
    helpValue: '<file>',
    summary: 'write unacknowledged messages to a file, in the format of --jsonl',
    helpGroup,
    dependsOn,
  }),
  ...scheduleFlags,
} as const;

/** The values of these flags, as parsed. */
export type JetStreamPublishFlagValues = Partial<InferredFlags<typeof jetStreamPublishFlags>>;

/** The window to use. */
export function publishWindow({ window = DEFAULT_WINDOW }: JetStreamPublishFlagValues): number {
  return window;
}

function windowOf(text: string): number {
  const window = parseCount(text);
  if (window >= 1 && window <= LARGEST_WINDOW) return window;
  throw usageError(`invalid window ${window}`, `use 1 to ${LARGEST_WINDOW} messages`);
}
