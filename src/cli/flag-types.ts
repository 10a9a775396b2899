import * as Flags from '@oclif/core/flags';

import { parseByteSize } from '../domain/byte-size.js';
import { parseCount } from '../domain/count.js';
import { parseDurationMs } from '../domain/duration.js';
import { parseRate } from '../domain/rate.js';

/** A duration such as `30s` or `1h30m`; the value is in milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: '<duration>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseDurationMs(text),
});

/** A number of messages such as `1000`, `10k` or `1M`. */
export const countFlag = Flags.custom<number>({
  helpValue: '<number>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseCount(text),
});

/** Messages a second, such as `500` or `10k`. */
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
