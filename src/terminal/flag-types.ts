import * as Flags from '@oclif/core/flags';

import { parseByteSize } from '../core/values/byte-size.js';
import { parseCount, parseShare } from '../core/values/count.js';
import { usageError } from '../core/errors.js';
import { formatDurationMs, parseDurationMs, parseWaitMs } from '../core/values/duration.js';
import { parseRate } from '../core/values/rate.js';
import type { ReplyDelay } from '../core/values/reply-delay.js';
import { parseReplyDelay } from '../core/values/reply-delay.js';
import { parseTimeMs } from '../core/values/time.js';
import { parseSubscriptionPattern } from '../core/subject/subject.js';

type HelpOfDefault = (context: {
  readonly options: { readonly default?: unknown };
}) => Promise<string | undefined>;

/** Help shows 4s, not 4000. */
// eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
const durationHelp: HelpOfDefault = async ({ options }) =>
  typeof options.default === 'number' ? formatDurationMs(options.default) : undefined;

/** A duration such as `30s` or `1h30m`; the value is in milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: '<duration>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseDurationMs(text),
  defaultHelp: durationHelp,
});

/** A point in time such as `2026-11-22T22:30:00Z`, `yesterday` or `1h` (ago); the value is in milliseconds since the epoch. */
export const timeFlag = Flags.custom<number>({
  helpValue: '<time>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseTimeMs(text, Date.now()),
});

/** A duration that a timer can wait. */
export const waitFlag = Flags.custom<number>({
  helpValue: '<duration>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseWaitMs(text),
  defaultHelp: durationHelp,
});

/** The same, but not 0. */
export const positiveWaitFlag = Flags.custom<number>({
  helpValue: '<duration>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => {
    const waitMs = parseWaitMs(text);
    if (waitMs === 0)
      throw usageError('0 is too short', 'leave the flag out, or give a longer time');
    return waitMs;
  },
  defaultHelp: durationHelp,
});

/** A number of messages such as `1000`, `10k` or `1M`. */
export const countFlag = Flags.custom<number>({
  helpValue: '<number>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseCount(text),
});

/** The same, but not 0. */
export const positiveCountFlag = Flags.custom<number>({
  helpValue: '<number>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => {
    const count = parseCount(text);
    if (count === 0) throw usageError('0 is too few', 'leave the flag out, or give 1 or more');
    return count;
  },
});

/** Messages per second, such as `500` or `10k`. */
export const rateFlag = Flags.custom<number>({
  helpValue: '<per second>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseRate(text),
});

/** A size in bytes such as `128` or `1KiB`. */
export const byteSizeFlag = Flags.custom<number>({
  helpValue: '<size>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseByteSize(text),
});

/** How many replies to wait for: a number, or `all` (0 in the nats CLI). */
export const repliesFlag = Flags.custom<number | 'all'>({
  helpValue: '<number>|all',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => {
    const replies = text === 'all' ? 0 : parseCount(text);
    return replies === 0 ? 'all' : replies;
  },
});

/** How long a simulated service takes to reply: a duration, a range, or an exponential distribution. */
export const delayFlag = Flags.custom<ReplyDelay>({
  helpValue: '<delay>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseReplyDelay(text),
});

/** A share such as `0.05` or `5%`; the value is from 0 to 1. */
export const shareFlag = Flags.custom<number>({
  helpValue: '<share>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseShare(text),
});

/** A subject that may have wildcards. */
export const patternFlag = Flags.custom({
  helpValue: '<subject>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseSubscriptionPattern(text),
});
