import * as Flags from '@oclif/core/flags';

import { EXPECTATIONS } from '../model/expectation.js';
import { byteSizeFlag, countFlag, durationFlag, rateFlag } from '../../terminal/flag-types.js';

/** How messages are sent. */
export const verifySendFlags = {
  pubs: Flags.integer({ helpValue: '<number>', summary: 'publishers', default: 1, min: 1 }),
  msgs: countFlag({
    summary: 'messages of all publishers together [default: 10000, without --duration]',
  }),
  rate: rateFlag({
    summary: 'messages a second of all publishers, as quickly as possible without',
  }),
  duration: durationFlag({ summary: 'send for so long' }),
  size: byteSizeFlag({ summary: 'bytes of each message, at least 40 [default: 128]' }),
  window: Flags.integer({
    helpValue: '<number>',
    summary: 'messages of a publisher that wait for their acknowledgement at most',
    default: 500,
    min: 1,
    max: 100_000,
  }),
  'msg-id': Flags.boolean({
    summary: 'give messages an id, so that they may be sent again (with --stream)',
    default: true,
    allowNo: true,
  }),
} as const;

export const verifyUseExistingFlag = Flags.boolean({
  summary: 'write into --stream even if it holds other messages or has consumers',
  dependsOn: ['stream'],
});

/** How what arrives is judged. */
export const verifyJudgeFlags = {
  expect: Flags.option({
    options: EXPECTATIONS,
    summary: 'what has to be kept [default: what the configuration promises]',
  })(),
  ordered: Flags.boolean({ summary: 'wrong order breaks the promise as well' }),
  settle: durationFlag({
    summary: 'how long nothing may come before the rest is lost [default: 3s]',
  }),
} as const;

/** Who reads a subject. */
export const subsFlag = Flags.integer({
  helpValue: '<number>',
  summary: 'subscribers, in each queue group',
  default: 1,
  min: 1,
  max: 1_000,
});

/** @param exclusive flags that read something else than a subject */
export const queueFlag = (...exclusive: string[]) =>
  Flags.string({
    helpValue: '<name>',
    summary: 'read as a queue group; repeat it for several',
    multiple: true,
    multipleNonGreedy: true,
    exclusive,
  });

export const streamFlag = Flags.string({
  helpValue: '<name>',
  summary: 'the stream that keeps the messages',
});

export const receiveSubjectFlag = Flags.string({
  helpValue: '<subject>',
  summary: 'where messages arrive, if a server or stream maps SUBJECT to another one',
});

export const runIdFlag = Flags.string({
  helpValue: '<id>',
  summary: 'name of the run, up to 16 letters and digits',
});
