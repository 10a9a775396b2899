import * as Flags from '@oclif/core/flags';

import { EXPECTATIONS } from '../model/expectation.js';
import { byteSizeFlag, countFlag, durationFlag, rateFlag } from '../../terminal/flag-types.js';

/** How messages are sent. */
export const verifySendFlags = {
  pubs: Flags.integer({
    helpValue: '<number>',
    summary: 'number of publishers',
    default: 1,
    min: 1,
  }),
  msgs: countFlag({
    summary: 'number of messages over all publishers [default: 10000, unless --duration is given]',
  }),
  rate: rateFlag({
    summary: 'messages per second over all publishers [default: as fast as possible]',
  }),
  duration: durationFlag({ summary: 'send for this long' }),
  size: byteSizeFlag({ summary: 'size of each message, at least 40 bytes [default: 128]' }),
  window: Flags.integer({
    helpValue: '<number>',
    summary: 'maximum number of unacknowledged messages per publisher',
    default: 500,
    min: 1,
    max: 100_000,
  }),
  mode: Flags.option({
    options: ['atomic', 'fast'] as const,
    summary: 'send in atomic batches, or as a fast batch (with --stream)',
    dependsOn: ['stream'],
  })(),
  'msg-id': Flags.boolean({
    summary: 'give each message an id, so that it can be sent again (with --stream)',
    default: true,
    allowNo: true,
  }),
} as const;

export const verifyUseExistingFlag = Flags.boolean({
  summary: 'write into --stream even if it holds other messages or has consumers',
  dependsOn: ['stream'],
});

/** What the result has to fulfil. */
export const verifyJudgeFlags = {
  expect: Flags.option({
    options: EXPECTATIONS,
    summary: 'delivery guarantee to check [default: the one that the configuration gives]',
  })(),
  ordered: Flags.boolean({ summary: 'also fail if messages arrive out of order' }),
  settle: durationFlag({
    summary: 'silence after which missing messages count as lost [default: 3s]',
  }),
} as const;

/** How many subscribers read a subject. */
export const subsFlag = Flags.integer({
  helpValue: '<number>',
  summary: 'number of subscribers, or of members of each queue group',
  default: 1,
  min: 1,
  max: 1_000,
});

/** @param exclusive flags that read something other than a subject */
export const queueFlag = (...exclusive: string[]) =>
  Flags.string({
    helpValue: '<name>',
    summary: 'read as a queue group; repeat for several',
    multiple: true,
    multipleNonGreedy: true,
    exclusive,
  });

export const streamFlag = Flags.string({
  helpValue: '<name>',
  summary: 'the stream that stores the messages',
});

export const receiveSubjectFlag = Flags.string({
  helpValue: '<subject>',
  summary: 'subject on which messages arrive, if a server or stream maps SUBJECT',
});

export const runIdFlag = Flags.string({
  helpValue: '<id>',
  summary: 'name of the run, up to 16 letters and digits',
});
