import * as Args from '@oclif/core/args';

import { usageError } from '../../core/errors.js';

/** The file of a recording. It is gone back to, by `--resume` as well, so that it can be no pipe. */
export function recordingArg(description: string) {
  return Args.string({
    description,
    required: true,
    ignoreStdin: true,
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    parse: async (path) => {
      if (path !== '-') return path;
      throw usageError('a recording is a file, and "-" is none', 'name a file');
    },
  });
}
