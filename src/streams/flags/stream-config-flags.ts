import * as Flags from '@oclif/core/flags';

import { durationFlag } from '../../terminal/flag-types.js';
import { ageLimitFlag, countLimitFlag, sizeLimitFlag } from './limit-flags.js';

const limits = 'LIMITS';
const keeping = 'KEEPING';

/** The flags of `stream create` and `stream edit`; `STREAM_FLAGS` in the domain says what each sets. */
export const streamConfigFlags = {
  subjects: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    helpValue: '<subject>',
    summary: 'subjects to keep; repeat it or separate with commas',
  }),
  description: Flags.string({ helpValue: '<text>', summary: 'what the stream is for' }),
  metadata: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<name=value>',
    summary: 'a note for programs (2.10 and newer); edit removes it with an empty value',
  }),
  storage: Flags.string({
    options: ['file', 'memory'],
    summary: 'where messages are kept [default: file]',
    helpGroup: keeping,
  }),
  replicas: Flags.integer({
    min: 1,
    max: 5,
    summary: 'servers that keep a copy [default: 1]',
    helpGroup: keeping,
  }),
  retention: Flags.string({
    options: ['limits', 'interest', 'workqueue'],
    summary: 'until when: a limit, all consumers have it, or one has [default: limits]',
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
    summary: 'what gives way at a limit: the oldest messages or new ones [default: old]',
    helpGroup: limits,
  }),
  'discard-per-subject': Flags.boolean({
    allowNo: true,
    summary: 'refuse new messages at the limit of their subject',
    helpGroup: limits,
  }),
  'max-age': ageLimitFlag({ summary: 'remove messages of this age', helpGroup: limits }),
  'max-bytes': sizeLimitFlag({ summary: 'most bytes in the stream', helpGroup: limits }),
  'max-msgs': countLimitFlag({ summary: 'most messages in the stream', helpGroup: limits }),
  'max-msgs-per-subject': countLimitFlag({
    summary: 'most messages of each subject',
    helpGroup: limits,
  }),
  'max-msg-size': sizeLimitFlag({ summary: 'largest message', helpGroup: limits }),
  'max-consumers': countLimitFlag({ summary: 'most consumers', helpGroup: limits }),
  'allow-direct': Flags.boolean({
    allowNo: true,
    summary: 'any replica may answer when one message is asked for',
  }),
  'allow-rollup': Flags.boolean({
    allowNo: true,
    summary: 'a message may replace all before it (Nats-Rollup)',
  }),
  'allow-msg-ttl': Flags.boolean({
    allowNo: true,
    summary: 'a message may say how long it lives (2.11 and newer)',
  }),
  'deny-delete': Flags.boolean({ allowNo: true, summary: 'no message can be removed by hand' }),
  'deny-purge': Flags.boolean({ allowNo: true, summary: 'the stream cannot be purged' }),
} as const;
