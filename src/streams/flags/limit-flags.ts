import * as Flags from '@oclif/core/flags';

import { parseByteSize } from '../../core/values/byte-size.js';
import { parseCount } from '../../core/values/count.js';
import { parseDurationMs } from '../../core/values/duration.js';

/** JetStream's way to say that there is no limit. */
const NO_LIMIT = -1;

function isUnlimited(text: string): boolean {
  return text === 'unlimited' || text === '-1';
}

/** A number of things, or `unlimited`, which is -1. */
export const countLimitFlag = Flags.custom<number>({
  helpValue: '<number>|unlimited',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => (isUnlimited(text) ? NO_LIMIT : parseCount(text)),
});

/** A size in bytes, or `unlimited`, which is -1. */
export const sizeLimitFlag = Flags.custom<number>({
  helpValue: '<size>|unlimited',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => (isUnlimited(text) ? NO_LIMIT : parseByteSize(text)),
});

/** A wait such as `10s`; natscli's `none` and `linear` for `--backoff`. */
export const backoffFlag = Flags.custom<number | 'none' | 'linear'>({
  // oclif adds the dots of a flag that can be repeated.
  helpValue: '<duration>,',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => (text === 'none' || text === 'linear' ? text : parseDurationMs(text)),
});

/** A duration in milliseconds; natscli's -1 for "not set" is 0. */
export const optionalDurationFlag = Flags.custom<number>({
  helpValue: '<duration>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => (/^-1s?$/.test(text) ? 0 : parseDurationMs(text)),
});

/** An age in milliseconds, or `unlimited`, which is 0. */
export const ageLimitFlag = Flags.custom<number>({
  helpValue: '<duration>|unlimited',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => (isUnlimited(text) ? 0 : parseDurationMs(text)),
});
