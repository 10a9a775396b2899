import * as Flags from '@oclif/core/flags';

import { durationFlag } from '../../terminal/flag-types.js';
import { ageLimitFlag, countLimitFlag, sizeLimitFlag } from './limit-flags.js';

const limits = 'LIMITS';
const keeping = 'KEEPING';

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
    summary: 'metadata (2.10 and newer); edit removes it with an empty value',
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
  retention: Flags.string({
    options: ['limits', 'interest', 'workqueue'],
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
} as const;
