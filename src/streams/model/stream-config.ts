import { usageError } from '../../core/errors.js';
import { plainText, type JsonObject, type JsonValue } from '../../core/message/exact-json.js';
import { isUnset } from '../../core/message/unset-value.js';
import { isJsonObject } from '../../core/values/json-object.js';
import { withDefaults, type ConfigChange, type ConfigDefaults } from './config-changes.js';
import { flagsFor, type ConfigFlag } from './config-flags.js';
import { checkConfigKeys, STREAM_KEYS, type ConfigKeys } from './config-keys.js';
import type { StreamConfig } from './stream-info.js';

/** The flags of `stream create` and `stream edit`. */
export const STREAM_FLAGS: readonly ConfigFlag[] = [
  { flag: 'subjects', key: 'subjects', kind: 'list' },
  { flag: 'description', key: 'description', kind: 'text' },
  { flag: 'storage', key: 'storage', kind: 'text' },
  { flag: 'replicas', key: 'num_replicas', kind: 'number' },
  { flag: 'retention', key: 'retention', kind: 'text' },
  { flag: 'discard', key: 'discard', kind: 'text' },
  { flag: 'discard-per-subject', key: 'discard_new_per_subject', kind: 'boolean' },
  { flag: 'max-age', key: 'max_age', kind: 'duration' },
  { flag: 'max-bytes', key: 'max_bytes', kind: 'bytes' },
  { flag: 'max-msgs', key: 'max_msgs', kind: 'number' },
  { flag: 'max-msgs-per-subject', key: 'max_msgs_per_subject', kind: 'number' },
  { flag: 'max-msg-size', key: 'max_msg_size', kind: 'bytes' },
  { flag: 'max-consumers', key: 'max_consumers', kind: 'number' },
  { flag: 'duplicate-window', key: 'duplicate_window', kind: 'duration' },
  { flag: 'compression', key: 'compression', kind: 'text' },
  { flag: 'allow-direct', key: 'allow_direct', kind: 'boolean' },
  { flag: 'allow-rollup', key: 'allow_rollup_hdrs', kind: 'boolean' },
  { flag: 'allow-msg-ttl', key: 'allow_msg_ttl', kind: 'boolean' },
  { flag: 'deny-delete', key: 'deny_delete', kind: 'boolean' },
  { flag: 'deny-purge', key: 'deny_purge', kind: 'boolean' },
  { flag: 'metadata', key: 'metadata', kind: 'pairs' },
];

const TWO_MINUTES_NS = 120e9;

/** The server's values for keys that are not given. */
export const STREAM_DEFAULTS: ConfigDefaults = {
  storage: 'file',
  retention: 'limits',
  discard: 'old',
  num_replicas: 1,
  compression: 'none',
  persist_mode: 'default',
  duplicate_window: TWO_MINUTES_NS,
};

/**
 * The configuration that `create` asks for: the file's keys, overridden by the flags'.
 *
 * @throws usage when the file is for another stream
 */
export function wantedStream(name: string, flags: JsonObject, file: JsonObject = {}): StreamConfig {
  const unwrapped = writtenConfig(file, STREAM_KEYS);
  rejectOtherName(unwrapped['name'], name);
  const metadata = { ...asMetadata(unwrapped), ...asMetadata(flags) };
  return {
    // The server needs these; it accepts 0 for "unlimited" as well, but prints -1.
    max_msgs: -1,
    max_bytes: -1,
    num_replicas: 1,
    storage: 'file',
    retention: 'limits',
    discard: 'old',
    ...unwrapped,
    ...flags,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    name,
  };
}

/**
 * The configuration that `edit` asks for: the current one, overridden by the file's keys and then the flags'. Metadata
 * is merged by name; an empty value removes the entry.
 *
 * @throws usage when the file is for another stream
 */
export function editedStream(
  present: StreamConfig,
  flags: JsonObject,
  file: JsonObject = {},
): StreamConfig {
  const unwrapped = writtenConfig(file, STREAM_KEYS);
  rejectOtherName(unwrapped['name'], present.name);
  const metadata = { ...present.metadata, ...asMetadata(unwrapped), ...asMetadata(flags) };
  const kept = Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== ''));
  const changed = 'metadata' in unwrapped || 'metadata' in flags;
  return {
    ...present,
    ...unwrapped,
    ...flags,
    ...(changed && { metadata: kept }),
    name: present.name,
  };
}

/** In the output of `stream info --json`, the configuration is a member. */
export function unwrapConfig(file: JsonObject): JsonObject {
  const inner = file['config'];
  return isJsonObject(inner) ? inner : file;
}

/**
 * The configuration in a file. One that a user wrote is checked; one that a server printed is used as it is.
 *
 * @throws usage as {@link checkConfigKeys}
 */
export function writtenConfig(file: JsonObject, keys: ConfigKeys): JsonObject {
  const config = unwrapConfig(file);
  if (config === file) checkConfigKeys(config, keys);
  return config;
}

/** The command for these changes of an existing stream. */
export function streamEditCommand(name: string, changes: readonly ConfigChange[]): string {
  const words = flagsFor(STREAM_FLAGS, withDefaults(changes, STREAM_DEFAULTS)) ?? [
    '--config',
    'FILE',
  ];
  return `natsx stream edit ${name} ${words.join(' ')}`;
}

/** The metadata of a configuration; an empty object if there is none. @throws usage when it is something else */
export function asMetadata(config: JsonObject): Readonly<Record<string, string>> {
  const metadata = config['metadata'] ?? {};
  const values = typeof metadata === 'object' ? Object.values(metadata) : [0];
  if (!Array.isArray(metadata) && values.every((value) => typeof value === 'string'))
    return metadata as Readonly<Record<string, string>>;
  throw usageError('the metadata is not an object of strings', 'write it as {"team":"billing"}');
}

/** Whether a stream is a mirror of another stream of its account, or has it as a source. */
export function feedsFrom(config: StreamConfig, stream: string): boolean {
  const { mirror, sources } = config;
  const origins = [mirror, ...(Array.isArray(sources) ? (sources as readonly JsonValue[]) : [])];
  return origins.some(
    (origin) => isJsonObject(origin) && origin['name'] === stream && isUnset(origin['external']),
  );
}

function rejectOtherName(inFile: JsonValue | undefined, name: string): void {
  if (inFile === undefined || inFile === name || inFile === '') return;
  throw usageError(
    `the file is for the stream "${plainText(inFile)}", not for "${name}"`,
    'name the same stream in both, or leave the name out of the file',
  );
}
