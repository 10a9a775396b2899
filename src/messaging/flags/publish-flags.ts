import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { countFlag, rateFlag, waitFlag } from '../../terminal/flag-types.js';
import { bodyFlags, stdinStreamFlags } from './body-input.js';
import { messageFlags } from './message-flags.js';

/** The flags of `pub`, without those of JetStream. */
export const publishFlags = {
  ...bodyFlags,
  ...stdinStreamFlags,
  ...messageFlags,
  map: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<from=to>',
    summary:
      "with --jsonl, publish to other subjects: 'orders.>=copy.orders.>'; repeatable, the first match applies",
    dependsOn: ['jsonl'],
    helpGroup: 'BODY',
  }),
  reply: Flags.string({ helpValue: '<subject>', summary: 'reply subject of the messages' }),
  count: countFlag({ summary: 'publish the message N times', exclusive: ['lines', 'jsonl'] }),
  rate: rateFlag({
    summary: 'publish at most this many messages per second',
    exclusive: ['interval'],
  }),
  interval: waitFlag({ aliases: ['sleep'], summary: 'time between two messages' }),
} as const;

/** The values of these flags. */
export type PublishFlagValues = Partial<InferredFlags<typeof publishFlags>>;
