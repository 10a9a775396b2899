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
    summary:
      "JSON file with the configuration in the server's own shape (- for stdin); flags override it",
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
    `${what} holds no configuration: it is JSON, but no object`,
    'natsx stream info NAME --json shows the shape',
  );
}

function parse(text: string, what: string): JsonValue {
  try {
    return parseExactJson(text);
  } catch {
    // What the engine says quotes the text, and words of it can look like secrets.
    throw usageError(`${what} holds no JSON`, 'check it with jq . FILE');
  }
}
