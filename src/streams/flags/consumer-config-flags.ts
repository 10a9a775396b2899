import * as Flags from '@oclif/core/flags';

import { parseDeliver, parseStartTime } from '../model/consumer-config.js';
import type { DeliverStart } from '../model/consumer-config.js';
import { byteSizeFlag, countFlag, durationFlag } from '../../terminal/flag-types.js';
import { sequenceFlag } from './jetstream-args.js';
import { ageLimitFlag, backoffFlag, countLimitFlag, optionalDurationFlag } from './limit-flags.js';
import { untilFlag } from './until-flag.js';

const start = 'START';
const acknowledging = 'ACKNOWLEDGING';
const push = 'PUSH';
const hidden = true;

const startTimeFlag = Flags.custom({
  helpValue: '<time>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseStartTime(text, Date.now()),
});

const deliverFlag = Flags.custom<DeliverStart>({
  helpValue: 'all|new|last|last-per-subject',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseDeliver(text, Date.now()),
});

/** The flags that `consumer edit` has as well; `CONSUMER_EDIT_FLAGS` in the model says what most of them set. */
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
    summary: 'metadata (2.10 and newer); with edit, an empty value removes it',
  }),
  'ack-wait': optionalDurationFlag({
    aliases: ['wait'],
    summary: 'time to acknowledge before redelivery [default: 30s]',
    helpGroup: acknowledging,
  }),
  'max-deliver': countLimitFlag({
    summary: 'maximum deliveries of a message [default: unlimited]',
    helpGroup: acknowledging,
  }),
  backoff: backoffFlag({
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    summary: 'wait before each redelivery, instead of --ack-wait',
    helpGroup: acknowledging,
  }),
  'max-ack-pending': countLimitFlag({
    aliases: ['max-pending'],
    summary: 'maximum unacknowledged messages [default: 1000]',
    helpGroup: acknowledging,
  }),
  'max-batch': countFlag({
    aliases: ['max-pull-batch'],
    summary: 'maximum messages per pull request',
  }),
  push: Flags.string({
    aliases: ['target'],
    helpValue: '<subject>',
    summary: 'deliver messages to this subject (a push consumer)',
    helpGroup: push,
  }),
  'deliver-group': Flags.string({
    helpValue: '<name>',
    summary: 'queue group whose members share the messages',
    helpGroup: push,
  }),
  'inactive-threshold': ageLimitFlag({ summary: 'remove the consumer when unused for this long' }),
  'headers-only': Flags.boolean({ allowNo: true, summary: 'deliver headers without bodies' }),
  replicas: Flags.integer({
    min: 0,
    max: 5,
    summary: 'number of servers with its state [default: same as the stream]',
  }),
  // Rarely needed, with the names that natscli gives them.
  'max-pull-expire': durationFlag({ hidden }),
  'max-pull-bytes': byteSizeFlag({ hidden }),
  sample: Flags.string({ hidden }),
  'backoff-steps': Flags.integer({ hidden, default: 10, min: 1 }),
  'backoff-min': durationFlag({ hidden, default: 60_000 }),
  'backoff-max': durationFlag({ hidden, default: 1_200_000 }),
} as const;

/** The flags of `consumer create`; `CONSUMER_FLAGS` in the model says what most of them set. */
export const consumerConfigFlags = {
  ...consumerEditFlags,
  deliver: deliverFlag({
    summary: 'where to begin [default: all]',
    helpGroup: start,
  }),
  'start-seq': sequenceFlag({ summary: 'begin at this sequence', helpGroup: start }),
  'start-time': startTimeFlag({
    aliases: ['since'],
    summary: 'begin at this time (2026-01-31T12:00:00Z, yesterday) or this long ago (1h)',
    helpGroup: start,
  }),
  replay: Flags.string({
    options: ['instant', 'original'],
    summary: 'deliver as fast as possible, or with the original timing [default: instant]',
    helpGroup: start,
  }),
  ack: Flags.string({
    options: ['explicit', 'all', 'none'],
    summary: 'acknowledge each message, all up to one, or none [default: explicit]',
    helpGroup: acknowledging,
  }),
  pull: Flags.boolean({
    summary: 'clients pull messages (the default)',
    exclusive: ['push'],
  }),
  'max-waiting': countFlag({ summary: 'maximum waiting pull requests [default: 512]' }),
  heartbeat: optionalDurationFlag({
    summary: 'heartbeat when idle for this long',
    helpGroup: push,
  }),
  'flow-control': Flags.boolean({
    allowNo: true,
    summary: 'slow down for a slow subscriber',
    helpGroup: push,
  }),
  memory: Flags.boolean({ allowNo: true, summary: 'keep its state in memory' }),
  ephemeral: Flags.boolean({
    summary: 'remove the consumer when unused, after --inactive-threshold [default: 5s]',
  }),
  // Rarely needed, with the names that natscli gives them.
  bps: countFlag({ hidden }),
  pause: untilFlag({ hidden }),
  'pinned-groups': Flags.string({
    hidden,
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
  }),
  'pinned-ttl': durationFlag({ hidden }),
  'overflow-groups': Flags.string({
    hidden,
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
  }),
  'prioritized-groups': Flags.string({
    hidden,
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
  }),
} as const;
