import * as Flags from '@oclif/core/flags';

import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { countFlag, durationFlag } from '../../terminal/flag-types.js';
import { sequenceFlag } from './jetstream-args.js';
import { ageLimitFlag, countLimitFlag, sizeLimitFlag } from './limit-flags.js';

const limits = 'LIMITS';
const keeping = 'STORAGE';
const copying = 'COPYING';
const hidden = true;

const RETENTIONS: ReadonlyMap<string, string> = new Map([
  ['limits', 'limits'],
  ['interest', 'interest'],
  ['workqueue', 'workqueue'],
  // natscli's word.
  ['work', 'workqueue'],
]);

const retentionFlag = Flags.custom({
  helpValue: 'limits|interest|workqueue',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => {
    const retention = RETENTIONS.get(text);
    if (retention !== undefined) return retention;
    throw usageError(
      `there is no retention ${quoted(text)}`,
      'write limits, interest or workqueue',
    );
  },
});

/** The flags of `stream create` and `stream edit`; `STREAM_FLAGS` in the model says what each sets. */
export const streamConfigFlags = {
  subjects: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    helpValue: '<subject>',
    summary: 'subjects to store; repeat it, or separate with commas',
  }),
  description: Flags.string({ helpValue: '<text>', summary: 'what the stream is for' }),
  metadata: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<name=value>',
    summary: 'metadata (2.10 and newer); with edit, an empty value removes it',
  }),
  storage: Flags.string({
    options: ['file', 'memory'],
    summary: 'where messages are stored [default: file]',
    helpGroup: keeping,
  }),
  replicas: Flags.integer({
    min: 1,
    max: 5,
    summary: 'number of servers with a copy [default: 1]',
    helpGroup: keeping,
  }),
  retention: retentionFlag({
    summary:
      'keep messages up to a limit, until all consumers have them, or until one has [default: limits]',
    helpGroup: keeping,
  }),
  compression: Flags.string({
    options: ['none', 's2'],
    summary: 'compression of the files (2.10 and newer)',
    helpGroup: keeping,
  }),
  'duplicate-window': durationFlag({
    aliases: ['dupe-window'],
    summary: 'how long message ids are remembered [default: 2m]',
    helpGroup: keeping,
  }),
  discard: Flags.string({
    options: ['old', 'new'],
    summary: 'discard the oldest messages at a limit, or reject new ones [default: old]',
    helpGroup: limits,
  }),
  'discard-per-subject': Flags.boolean({
    allowNo: true,
    summary: 'reject new messages at the limit of their subject',
    helpGroup: limits,
  }),
  'max-age': ageLimitFlag({ summary: 'age at which messages are removed', helpGroup: limits }),
  'max-bytes': sizeLimitFlag({ summary: 'maximum size of the stream', helpGroup: limits }),
  'max-msgs': countLimitFlag({ summary: 'maximum number of messages', helpGroup: limits }),
  'max-msgs-per-subject': countLimitFlag({
    summary: 'maximum number of messages per subject',
    helpGroup: limits,
  }),
  'max-msg-size': sizeLimitFlag({ summary: 'maximum size of a message', helpGroup: limits }),
  'max-consumers': countLimitFlag({ summary: 'maximum number of consumers', helpGroup: limits }),
  'allow-direct': Flags.boolean({
    allowNo: true,
    summary: 'let every replica answer requests for single messages',
  }),
  'allow-rollup': Flags.boolean({
    allowNo: true,
    summary: 'let a message replace all earlier ones (Nats-Rollup)',
  }),
  'allow-msg-ttl': Flags.boolean({
    allowNo: true,
    summary: 'let messages have their own TTL (2.11 and newer)',
  }),
  'deny-delete': Flags.boolean({ allowNo: true, summary: 'do not let clients delete messages' }),
  'deny-purge': Flags.boolean({ allowNo: true, summary: 'do not let clients purge the stream' }),
  mirror: Flags.string({
    helpValue: '<stream>',
    summary: 'copy this stream, with its sequences',
    helpGroup: copying,
  }),
  source: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    helpValue: '<stream>',
    summary: 'copy the messages of these streams into this one',
    helpGroup: copying,
  }),
  republish: Flags.string({
    helpValue: '<subject=subject>',
    summary: "publish stored messages again: 'orders.>=copy.>'",
    helpGroup: copying,
  }),
  transform: Flags.string({
    helpValue: '<subject=subject>',
    summary: "change subjects before storing (2.10 and newer): 'old.>=new.>'",
    helpGroup: copying,
  }),
  'placement-tag': Flags.string({
    aliases: ['tag'],
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    helpValue: '<tag>',
    summary: 'only on servers with these tags',
    helpGroup: keeping,
  }),
  'placement-cluster': Flags.string({
    aliases: ['cluster'],
    helpValue: '<name>',
    summary: 'only on servers of this cluster',
    helpGroup: keeping,
  }),
  // Rarely needed, with the names that natscli gives them.
  ack: Flags.boolean({ allowNo: true, hidden }),
  'first-sequence': sequenceFlag({ hidden }),
  'allow-batch': Flags.boolean({ allowNo: true, hidden }),
  'allow-fast': Flags.boolean({ allowNo: true, hidden }),
  'allow-counter': Flags.boolean({ allowNo: true, hidden }),
  'allow-mirror-direct': Flags.boolean({ allowNo: true, hidden }),
  'allow-schedules': Flags.boolean({ allowNo: true, hidden }),
  'subject-del-markers-ttl': durationFlag({ hidden }),
  'transform-source': Flags.string({ hidden, dependsOn: ['transform-destination'] }),
  'transform-destination': Flags.string({ hidden }),
  'republish-source': Flags.string({ hidden, dependsOn: ['republish-destination'] }),
  'republish-destination': Flags.string({ hidden }),
  'republish-headers': Flags.boolean({ hidden }),
  'limit-consumer-inactive': durationFlag({ hidden }),
  'limit-consumer-max-pending': countFlag({ hidden }),
  'persist-mode': Flags.string({ hidden, options: ['default', 'async'] }),
} as const;

/** What only `stream edit` has. */
export const streamEditFlags = {
  'no-mirror': Flags.boolean({ hidden, exclusive: ['mirror'] }),
  'no-republish': Flags.boolean({ hidden, exclusive: ['republish', 'republish-source'] }),
  'no-transform': Flags.boolean({ hidden, exclusive: ['transform', 'transform-source'] }),
} as const;
