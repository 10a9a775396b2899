import { isUnset } from '../../core/message/unset-value.js';
import type { JsonObject, JsonValue } from '../../core/message/exact-json.js';
import { isJsonObject } from '../../core/message/exact-json.js';

/** A key of a configuration that has, or would get, another value; undefined: not set. */
export interface ConfigChange {
  /** `max_age`, or `metadata.team` for one entry of the metadata. */
  readonly key: string;
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
}

/** The server's values for keys that are absent or empty. */
export type ConfigDefaults = Readonly<Record<string, JsonValue>>;

interface ChangeOptions {
  readonly defaults: ConfigDefaults;
  /** The keys to compare; all that either side has when left out. */
  readonly keys?: Iterable<string>;
}

/**
 * What differs between two configurations, in the order of their keys. Two spellings of the same (no `max_age` and 0,
 * another order of subjects, the server's own metadata) do not differ.
 */
export function configChanges(
  before: JsonObject,
  after: JsonObject,
  { defaults, keys }: ChangeOptions,
): readonly ConfigChange[] {
  const compared = new Set(keys ?? [...Object.keys(before), ...Object.keys(after)]);
  return [...compared].flatMap((key) => {
    const change = { key, before: before[key], after: after[key] };
    if (key === 'metadata') return metadataChanges(change);
    const same =
      canonical(effective(change.before, defaults[key]), key) ===
      canonical(effective(change.after, defaults[key]), key);
    return same ? [] : [change];
  });
}

/** The changes with the server's defaults where no value is wanted, for a command line that has to name them. */
export function withDefaults(
  changes: readonly ConfigChange[],
  defaults: ConfigDefaults,
): readonly ConfigChange[] {
  return changes.map((change) => ({ ...change, after: change.after ?? defaults[change.key] }));
}

/** Requested keys that have another value in the server's answer. */
export function ignoredKeys(
  answer: JsonObject,
  wanted: JsonObject,
  defaults: ConfigDefaults,
): readonly string[] {
  const keys = Object.keys(wanted);
  return configChanges(answer, wanted, { defaults, keys }).map(({ key }) => key);
}

/** The changes with the values that the server has afterwards. */
export function changesNow(
  changes: readonly ConfigChange[],
  config: JsonObject,
): readonly ConfigChange[] {
  const metadata = asObject(config['metadata']);
  return changes.map((change) => {
    const { key } = change;
    const isEntry = key.startsWith('metadata.');
    return { ...change, after: isEntry ? metadata[key.slice('metadata.'.length)] : config[key] };
  });
}

/** The server writes such entries itself. */
const SERVER_METADATA = '_nats.';

function metadataChanges({ before, after }: ConfigChange): readonly ConfigChange[] {
  const old = asObject(before);
  const wanted = asObject(after);
  return [...new Set([...Object.keys(old), ...Object.keys(wanted)])]
    .filter((name) => !name.startsWith(SERVER_METADATA) && old[name] !== wanted[name])
    .map((name) => ({ key: `metadata.${name}`, before: old[name], after: wanted[name] }));
}

/** Where the default is a number, -1 means "no limit"; elsewhere, 0 and -1 both do. */
function effective(
  value: JsonValue | undefined,
  fallback: JsonValue | undefined,
): JsonValue | undefined {
  if (isUnset(value) || (value === -1 && typeof fallback !== 'number')) return fallback;
  return value;
}

/** Lists whose order does not matter. */
const SETS: ReadonlySet<string> = new Set(['subjects', 'filter_subjects', 'tags']);
const TIMES: ReadonlySet<string> = new Set(['opt_start_time', 'pause_until']);

function canonical(value: JsonValue | undefined, key: string): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string' && TIMES.has(key) && !Number.isNaN(Date.parse(value)))
    return `${Date.parse(value)}`;
  if (value === undefined || value === null || typeof value !== 'object')
    return JSON.stringify(value ?? null);
  if (isList(value)) {
    const members = value.map((member) => canonical(member, ''));
    return `[${(SETS.has(key) ? members.sort() : members).join(',')}]`;
  }
  const members = Object.keys(value)
    .filter((name) => !isUnset(value[name]))
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name], name)}`);
  return `{${members.join(',')}}`;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
