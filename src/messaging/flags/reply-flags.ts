import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import {
  countFlag,
  delayFlag,
  durationFlag,
  positiveCountFlag,
  shareFlag,
  waitFlag,
} from '../../terminal/flag-types.js';
import { bodyFlags } from './body-input.js';
import { messageFlags } from './message-flags.js';

/** The flags of `reply`. */
export const replyFlags = {
  ...bodyFlags,
  ...messageFlags,
  template: Flags.boolean({
    ...messageFlags.template,
    summary: `${messageFlags.template.summary ?? ''}, and {{Request}} (the body of the request)`,
  }),
  echo: Flags.boolean({
    summary: 'echo the request, including its headers',
    exclusive: ['command', 'template'],
  }),
  command: Flags.string({
    helpValue: '<line>',
    summary: 'reply with the output of this command',
    exclusive: ['template'],
  }),
  'command-timeout': waitFlag({
    summary: 'time limit for the command, per request [default: 1m]',
    dependsOn: ['command'],
  }),
  queue: Flags.string({
    helpValue: '<name>',
    summary: 'join this queue group, which shares the requests',
  }),
  count: countFlag({ summary: 'stop after N requests; receiving fewer is a failure' }),
  duration: durationFlag({ summary: 'stop after this long' }),
  concurrency: positiveCountFlag({ summary: 'handle up to N requests at a time', default: 1 }),
  delay: delayFlag({ summary: 'wait before answering: 20ms, 1ms..20ms or "exponential 10ms"' }),
  sleep: delayFlag({ hidden: true, exclusive: ['delay'] }),
  'error-rate': shareFlag({
    summary: 'answer this share of requests with an error',
    default: 0,
  }),
} as const;

/** The values of these flags. */
export type ReplyFlagValues = Partial<InferredFlags<typeof replyFlags>>;
