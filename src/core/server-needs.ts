import { NatsxError } from './errors.js';
import type { JsonObject, JsonValue } from './message/exact-json.js';
import { isUnset } from './message/unset-value.js';
import { isJsonObject } from './message/exact-json.js';

/**
 * The first server version that knows a key. Older servers ignore unknown keys without an error, so natsx checks first.
 */
const STREAM_KEYS: Readonly<Record<string, string>> = {
  allow_batched: '2.14',
  allow_msg_schedules: '2.12',
  allow_msg_counter: '2.12',
  allow_atomic: '2.12',
  persist_mode: '2.12',
  allow_msg_ttl: '2.11',
  subject_delete_marker_ttl: '2.11',
  compression: '2.10',
  metadata: '2.10',
  first_seq: '2.10',
  subject_transform: '2.10',
  consumer_limits: '2.10',
  allow_direct: '2.9',
  mirror_direct: '2.9',
  discard_new_per_subject: '2.9',
  republish: '2.8.3',
};

const CONSUMER_KEYS: Readonly<Record<string, string>> = {
  priority_groups: '2.11',
  priority_policy: '2.11',
  priority_timeout: '2.11',
  pause_until: '2.11',
  filter_subjects: '2.10',
  metadata: '2.10',
};

/** @throws {NatsxError} rejected — naming the key that the server is too old for */
export function checkStreamNeeds(config: JsonObject, serverVersion: string): void {
  check(config, STREAM_KEYS, serverVersion);
}

/** @throws {NatsxError} rejected — naming the key that the server is too old for */
export function checkConsumerNeeds(config: JsonObject, serverVersion: string): void {
  check(config, CONSUMER_KEYS, serverVersion);
}

/** Whether a version such as `2.11.4` (or `2.12.0-RC.1`) is `wanted` or later. An unknown version passes. */
export function isAtLeast(version: string, wanted: string): boolean {
  const have = version.split(/[.-]/).map(Number);
  for (const [place, number] of wanted.split('.').map(Number).entries()) {
    const difference = (have[place] ?? 0) - number;
    if (Number.isNaN(difference)) return true;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * Newer servers write down in every configuration what they are; whoever copies it to an older one did not ask for
 * that.
 */
function isServersNotes(metadata: JsonValue | undefined): boolean {
  return isJsonObject(metadata) && Object.keys(metadata).every((name) => name.startsWith('_nats.'));
}

function check(
  config: JsonObject,
  keys: Readonly<Record<string, string>>,
  serverVersion: string,
): void {
  if (serverVersion === '') return;
  for (const [key, since] of Object.entries(keys)) {
    const value = config[key];
    const plain =
      isUnset(value) ||
      value === 'none' ||
      value === 'default' ||
      (key === 'metadata' && isServersNotes(value));
    if (plain || isAtLeast(serverVersion, since)) continue;
    throw new NatsxError(
      'rejected',
      `the server is too old for ${key}: it is ${serverVersion}, ${key} needs ${since}`,
      {
        hint: `leave ${key} out, or update the server`,
        details: { key, server_version: serverVersion, needs: since },
      },
    );
  }
}
