import { closestNames } from '../../core/closest-names.js';
import { usageError } from '../../core/errors.js';
import type { JsonObject, JsonValue } from '../../core/message/exact-json.js';
import { quoted } from '../../core/printable.js';
import { isJsonObject } from '../../core/message/exact-json.js';

/** What a key holds. Durations are numbers of nanoseconds. */
type KeyKind = 'text' | 'number' | 'boolean' | 'texts' | 'numbers' | 'object' | 'objects';

/** The keys of a configuration that are known here; newer servers have more. */
export type ConfigKeys = ReadonlyMap<string, KeyKind>;

function keysOf(kinds: Readonly<Partial<Record<KeyKind, string>>>): ConfigKeys {
  return new Map(
    Object.entries(kinds).flatMap(([kind, names]) =>
      names.split(' ').map((name) => [name, kind as KeyKind] as const),
    ),
  );
}

export const STREAM_KEYS: ConfigKeys = keysOf({
  text: 'name description retention discard storage compression template_owner persist_mode',
  number:
    'max_consumers max_msgs max_bytes max_age max_msgs_per_subject max_msg_size num_replicas duplicate_window first_seq subject_delete_marker_ttl',
  boolean:
    'no_ack sealed deny_delete deny_purge allow_rollup_hdrs allow_direct mirror_direct discard_new_per_subject allow_msg_ttl allow_msg_counter allow_atomic allow_msg_schedules allow_batched',
  texts: 'subjects',
  object: 'placement mirror republish subject_transform consumer_limits metadata',
  objects: 'sources',
});

export const CONSUMER_KEYS: ConfigKeys = keysOf({
  text: 'name durable_name description deliver_policy opt_start_time ack_policy filter_subject replay_policy sample_freq deliver_subject deliver_group priority_policy pause_until',
  number:
    'opt_start_seq ack_wait max_deliver rate_limit_bps max_waiting max_ack_pending idle_heartbeat max_batch max_expires max_bytes inactive_threshold num_replicas priority_timeout',
  boolean: 'flow_control headers_only mem_storage direct sourcing',
  texts: 'filter_subjects priority_groups',
  numbers: 'backoff',
  object: 'metadata',
});

/**
 * Checks a configuration that a user wrote, because servers silently drop unknown keys. A key that resembles no other
 * may belong to a newer server.
 *
 * @throws usage naming the key: nearly another one, or with a value of another type
 */
export function checkConfigKeys(config: JsonObject, keys: ConfigKeys): void {
  for (const [key, value] of Object.entries(config)) {
    const kind = keys.get(key);
    if (kind === undefined) checkSpelling(key, keys);
    else if (value !== undefined) checkType(key, value, kind);
  }
}

function checkSpelling(key: string, keys: ConfigKeys): void {
  const [nearest] = closestNames(key, keys.keys());
  if (nearest === undefined) return;
  throw usageError(`there is no setting ${quoted(key)}`, `did you mean ${nearest}?`);
}

const EXPECTED: Readonly<Record<KeyKind, string>> = {
  text: 'a string',
  number: 'a number',
  boolean: 'true or false',
  texts: 'a list of strings',
  numbers: 'a list of numbers',
  object: 'an object',
  objects: 'a list of objects',
};

function checkType(key: string, value: JsonValue, kind: KeyKind): void {
  if (value === null || fits(value, kind)) return;
  const isDuration = kind === 'number' && DURATIONS.has(key);
  throw usageError(
    `the setting ${quoted(key)} must be ${EXPECTED[kind]}, not ${JSON.stringify(value, plainNumbers)}`,
    isDuration ? 'a duration is a number of nanoseconds: 30s is 30000000000' : undefined,
  );
}

const DURATIONS: ReadonlySet<string> = new Set([
  'max_age',
  'duplicate_window',
  'subject_delete_marker_ttl',
  'ack_wait',
  'idle_heartbeat',
  'max_expires',
  'inactive_threshold',
  'priority_timeout',
]);

function plainNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function fits(value: JsonValue, kind: KeyKind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return isNumber(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'texts':
      return isList(value) && value.every((one) => typeof one === 'string');
    case 'numbers':
      return isList(value) && value.every(isNumber);
    case 'object':
      return isJsonObject(value);
    case 'objects':
      return isList(value) && value.every(isJsonObject);
  }
}

function isNumber(value: JsonValue): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
