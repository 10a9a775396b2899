import * as Flags from '@oclif/core/flags';

import { parseCount } from '../../core/values/count.js';
import { usageError } from '../../core/errors.js';
import { parseTimeToLive } from '../../core/message/publish-headers.js';
import { quoted } from '../../core/printable.js';
import { durationFlag } from '../../terminal/flag-types.js';

const helpGroup = 'JETSTREAM';
const dependsOn = ['jetstream'];
const DEFAULT_WINDOW = 500;
/** A stream's own queue holds as many. */
const LARGEST_WINDOW = 10_000;

const sequenceFlag = Flags.custom({
  helpValue: '<sequence>',
  helpGroup,
  dependsOn,
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => {
    if (/^\d{1,20}$/.test(text)) return text;
    throw usageError(`${quoted(text)} is no sequence`, 'write a whole number; 0 means none so far');
  },
});

/** What publishing to a stream adds. */
export const jetStreamPublishFlags = {
  jetstream: Flags.boolean({
    char: 'J',
    summary: 'publish to a stream, and wait for its acknowledgement',
    helpGroup,
    exclusive: ['reply'],
  }),
  window: Flags.custom<number>({
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    parse: async (text) => windowOf(text),
  })({
    helpValue: '<number>',
    summary: `messages that may wait for their acknowledgement at a time [default: ${DEFAULT_WINDOW}]`,
    helpGroup,
    dependsOn,
  }),
  'msg-id': Flags.string({
    helpValue: '<template>',
    summary: "message id, by which the stream knows a repeat: 'import-7-{{Count}}', '{{ID}}'",
    helpGroup,
    dependsOn,
    exclusive: ['msg-id-from'],
  }),
  'msg-id-from': Flags.string({
    helpValue: 'hash|json:<path>|header:<name>',
    summary:
      'take the message id from the message: json:.order.id, header:Order-Id, or a hash of all',
    helpGroup,
    dependsOn,
  }),
  'expect-stream': Flags.string({
    helpValue: '<stream>',
    summary: 'store only in this stream',
    helpGroup,
    dependsOn,
  }),
  'expect-last-seq': sequenceFlag({ summary: 'store only if this is the last of the stream' }),
  'expect-last-subject-seq': sequenceFlag({
    summary: 'store only if this is the last of the subject',
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
      'go on trying while nothing is acknowledged [default: 30s; --timeout for the first message]',
    helpGroup,
    dependsOn,
  }),
  'keep-going': Flags.boolean({
    summary: 'go on with the next message when one is refused',
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
    summary: 'write what was not acknowledged to a file that --jsonl reads',
    helpGroup,
    dependsOn,
  }),
} as const;

/** The values of these flags, as parsed. */
export interface JetStreamPublishFlagValues {
  readonly window?: number | undefined;
  readonly 'msg-id'?: string | undefined;
  readonly 'msg-id-from'?: string | undefined;
  readonly 'expect-stream'?: string | undefined;
  readonly 'expect-last-seq'?: string | undefined;
  readonly 'expect-last-subject-seq'?: string | undefined;
  readonly 'expect-last-msg-id'?: string | undefined;
  readonly ttl?: string | undefined;
  readonly 'retry-for'?: number | undefined;
  readonly 'keep-going'?: boolean;
  readonly ack?: string | undefined;
  readonly failed?: string | undefined;
}

/** The window to use. */
export function publishWindow({ window = DEFAULT_WINDOW }: JetStreamPublishFlagValues): number {
  return window;
}

function windowOf(text: string): number {
  const window = parseCount(text);
  if (window >= 1 && window <= LARGEST_WINDOW) return window;
  throw usageError(`a window of ${window} messages`, `from 1 to ${LARGEST_WINDOW} may wait`);
}
