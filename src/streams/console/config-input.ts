import * as Flags from '@oclif/core/flags';

import { usageError } from '../../core/errors.js';
import type { JsonObject, JsonValue } from '../../core/message/exact-json.js';
import { parseExactJson } from '../../core/message/exact-json.js';
import { quoted } from '../../core/printable.js';
import { isJsonObject } from '../../core/values/json-object.js';
import { readInputFile, readStdin } from '../../terminal/stdin.js';

/** The configuration as a file; for `create` and `edit`. */
export const configFlag = {
  config: Flags.string({
    helpValue: '<file>',
    summary: 'JSON file in the format of the server (- for stdin); flags override it',
  }),
} as const;

/**
 * Reads the file of `--config`, or stdin for `-`.
 *
 * @returns undefined when no file was named
 * @throws usage — it cannot be read, or is not a JSON object
 */
export async function readConfigInput(
  path: string | undefined,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  if (path === undefined) return undefined;
  const what = path === '-' ? 'stdin' : `the file ${quoted(path)}`;
  const bytes = path === '-' ? await readStdin(signal) : readInputFile(path);
  const value = parse(Buffer.from(bytes).toString('utf8'), what);
  if (isJsonObject(value)) return value;
  throw usageError(
    `${what} is not a configuration: it is not a JSON object`,
    'natsx stream info NAME --json prints one',
  );
}

function parse(text: string, what: string): JsonValue {
  try {
    return parseExactJson(text);
  } catch {
    // The error of the parser quotes the text, which can contain secrets.
    throw usageError(`${what} is not JSON`, 'check it with jq . FILE');
  }
}
