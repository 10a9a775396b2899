import { formatByteSizeExact } from '../../core/values/byte-size.js';
import { formatDurationPrecise } from '../../core/values/duration.js';
import { usageError } from '../../core/errors.js';
import { plainText, type JsonObject, type JsonValue } from '../../core/message/exact-json.js';
import { quoted, shellWord } from '../../core/printable.js';
import { type ConfigChange } from './config-changes.js';
import { isUnset } from '../../core/message/unset-value.js';

/** The kind of value: durations are milliseconds in flags, and nanoseconds in the configuration. */
export type ConfigFlagKind =
  | 'text'
  | 'number'
  | 'bytes'
  | 'boolean'
  /** A duration. */
  | 'duration'
  | 'durations'
  | 'list'
  /** `name=value`, any number of them. */
  | 'pairs';

/** A flag of `create` or `edit` and the key of the configuration that it sets. */
export interface ConfigFlag {
  /** Without its dashes. */
  readonly flag: string;
  readonly key: string;
  readonly kind: ConfigFlagKind;
}

/** The values of the given flags, by key. @throws usage for a pair without `=` */
export function configFromFlags(
  table: readonly ConfigFlag[],
  flags: Readonly<Record<string, unknown>>,
): JsonObject {
  const given = table.flatMap(({ flag, key, kind }): [string, JsonValue][] => {
    const value = flags[flag];
    return value === undefined ? [] : [[key, onTheWire(kind, value)]];
  });
  return Object.fromEntries(given);
}

function onTheWire(kind: ConfigFlagKind, value: unknown): JsonValue {
  switch (kind) {
    case 'duration':
      return nanoseconds(value as number);
    case 'durations':
      return (value as readonly number[]).map(nanoseconds);
    case 'pairs':
      return Object.fromEntries((value as readonly string[]).map(parsePair));
    case 'list':
    case 'text':
    case 'number':
    case 'bytes':
    case 'boolean':
      return value as JsonValue;
  }
}

function nanoseconds(durationMs: number): number {
  return Math.round(durationMs * 1e6);
}

function parsePair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw usageError(`invalid metadata ${quoted(text)}: it is not name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/**
 * The words of a command line that would make these changes.
 *
 * @returns undefined when a key has no flag, so that a file is needed
 */
export function flagsFor(
  table: readonly ConfigFlag[],
  changes: readonly ConfigChange[],
): readonly string[] | undefined {
  const words: string[] = [];
  for (const { key, after } of changes) {
    const pair = key.startsWith('metadata.');
    const found = table.find((one) => one.key === (pair ? 'metadata' : key));
    if (found === undefined) return undefined;
    const value = pair ? `${key.slice('metadata.'.length)}=${plainText(after)}` : after;
    words.push(...flagWords(found, value));
  }
  return words;
}

function flagWords(config: ConfigFlag, value: JsonValue | undefined): readonly string[] {
  const { flag, kind } = config;
  if (kind === 'boolean') return [value === true ? `--${flag}` : `--no-${flag}`];
  return [`--${flag}`, shellWord(flagValue(config, value))];
}

function flagValue({ kind, key }: ConfigFlag, value: JsonValue | undefined): string {
  if (kind === 'duration' || kind === 'durations') {
    if (key === 'max_age' && isUnset(value)) return 'unlimited';
    const all = Array.isArray(value) ? (value as readonly number[]) : [value ?? 0];
    return all.map((one) => formatDurationPrecise(BigInt(plainText(one)))).join(',');
  }
  const isNumber = kind === 'number' || kind === 'bytes';
  if (isNumber && (value === undefined || Number(value) < 0)) return 'unlimited';
  if (kind === 'bytes') return formatByteSizeExact(Number(value));
  if (Array.isArray(value)) return value.join(',');
  return plainText(value);
}
