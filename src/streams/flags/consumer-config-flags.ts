import * as Flags from '@oclif/core/flags';

import { parseStartTime } from '../model/consumer-config.js';
import { countFlag, durationFlag, positiveCountFlag } from '../../terminal/flag-types.js';
import { ageLimitFlag, countLimitFlag } from './limit-flags.js';

const start = 'START';
const acknowledging = 'ACKNOWLEDGING';
const push = 'PUSH';

const startTimeFlag = Flags.custom({
  helpValue: '<time>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseStartTime(text),
});

/** What can be said of a consumer that exists as well; `CONSUMER_EDIT_FLAGS` in the domain says what most of them set. */
export const consumerEditFlags = {
  filter: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    helpValue: '<subject>',
    summary: 'only messages of these subjects; several need 2.10 or newer',
  }),
  description: Flags.string({ helpValue: '<text>', summary: 'what the consumer is for' }),
  metadata: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<name=value>',
    summary: 'a note for programs (2.10 and newer); edit removes it with an empty value',
  }),
  'ack-wait': durationFlag({
    summary: 'deliver again when not acknowledged for so long [default: 30s]',
    helpGroup: acknowledging,
  }),
  'max-deliver': countLimitFlag({
    summary: 'how often a message is delivered at most [default: unlimited]',
    helpGroup: acknowledging,
  }),
  backoff: durationFlag({
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    // oclif adds the dots of a flag that can be repeated.
    helpValue: '<duration>,',
    summary: 'waits before each further delivery, instead of --ack-wait',
    helpGroup: acknowledging,
  }),
  'max-ack-pending': countLimitFlag({
    summary: 'most messages delivered and not acknowledged [default: 1000]',
    helpGroup: acknowledging,
  }),
  'max-batch': countFlag({ summary: 'most messages that one pull request may ask for' }),
  push: Flags.string({
    aliases: ['target'],
    helpValue: '<subject>',
    summary: 'the server sends messages to this subject',
    helpGroup: push,
  }),
  'deliver-group': Flags.string({
    helpValue: '<name>',
    summary: 'queue group that shares the messages',
    helpGroup: push,
  }),
  'inactive-threshold': ageLimitFlag({ summary: 'remove the consumer when unused for so long' }),
  'headers-only': Flags.boolean({ allowNo: true, summary: 'deliver no bodies' }),
  replicas: Flags.integer({
    min: 0,
    max: 5,
    summary: "servers that keep its state [default: the stream's]",
  }),
} as const;

/** The flags of `consumer create`; `CONSUMER_FLAGS` in the domain says what most of them set. */
export const consumerConfigFlags = {
  ...consumerEditFlags,
  deliver: Flags.string({
    options: ['all', 'new', 'last', 'last-per-subject'],
    summary: 'where to begin [default: all]',
    helpGroup: start,
  }),
  'start-seq': positiveCountFlag({ summary: 'begin at this sequence', helpGroup: start }),
  'start-time': startTimeFlag({
    summary: 'begin at this time, such as 2026-01-31T12:00:00Z',
    helpGroup: start,
  }),
  replay: Flags.string({
    options: ['instant', 'original'],
    summary: 'as fast as possible or in the original timing [default: instant]',
    helpGroup: start,
  }),
  ack: Flags.string({
    options: ['explicit', 'all', 'none'],
    summary: 'what is acknowledged: each message, all up to one, nothing [default: explicit]',
    helpGroup: acknowledging,
  }),
  pull: Flags.boolean({
    summary: 'clients ask for messages (this is the default)',
    exclusive: ['push'],
  }),
  'max-waiting': countFlag({ summary: 'most pull requests that may wait [default: 512]' }),
  heartbeat: durationFlag({ summary: 'a sign of life when idle for so long', helpGroup: push }),
  'flow-control': Flags.boolean({
    allowNo: true,
    summary: 'the server waits for a slow receiver',
    helpGroup: push,
  }),
  memory: Flags.boolean({ allowNo: true, summary: 'keep its state in memory' }),
} as const;
