import { usageError } from '../../core/errors.js';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  plainText,
} from '../../core/message/exact-json.js';
import { isUnset } from '../../core/message/unset-value.js';
import { quoted } from '../../core/printable.js';
import { parseSubscriptionPattern } from '../../core/subject/subject.js';
import { withDefaults, type ConfigChange, type ConfigDefaults } from './config-changes.js';
import { configFromFlags, flagsFor, type ConfigFlag } from './config-flags.js';
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
  { flag: 'first-sequence', key: 'first_seq', kind: 'number' },
  { flag: 'allow-batch', key: 'allow_atomic', kind: 'boolean' },
  { flag: 'allow-fast', key: 'allow_batched', kind: 'boolean' },
  { flag: 'allow-counter', key: 'allow_msg_counter', kind: 'boolean' },
  { flag: 'allow-mirror-direct', key: 'mirror_direct', kind: 'boolean' },
  { flag: 'allow-schedules', key: 'allow_msg_schedules', kind: 'boolean' },
  { flag: 'subject-del-markers-ttl', key: 'subject_delete_marker_ttl', kind: 'duration' },
  { flag: 'persist-mode', key: 'persist_mode', kind: 'text' },
];

/** The flags that do more than set one key, as parsed. */
export interface ComposedStreamFlags {
  readonly ack?: boolean | undefined;
  readonly discard?: string | undefined;
  readonly 'discard-per-subject'?: boolean | undefined;
  readonly mirror?: string | undefined;
  readonly 'no-mirror'?: boolean | undefined;
  readonly source?: readonly string[] | undefined;
  readonly republish?: string | undefined;
  readonly 'republish-source'?: string | undefined;
  readonly 'republish-destination'?: string | undefined;
  readonly 'republish-headers'?: boolean | undefined;
  readonly 'no-republish'?: boolean | undefined;
  readonly transform?: string | undefined;
  readonly 'transform-source'?: string | undefined;
  readonly 'transform-destination'?: string | undefined;
  readonly 'no-transform'?: boolean | undefined;
  readonly 'placement-tag'?: readonly string[] | undefined;
  readonly 'placement-cluster'?: string | undefined;
  readonly 'limit-consumer-inactive'?: number | undefined;
  readonly 'limit-consumer-max-pending'?: number | undefined;
}

/** The settings that the flags of `create` and `edit` give. @throws usage */
export function streamConfigOf(
  flags: ComposedStreamFlags & Readonly<Record<string, unknown>>,
): JsonObject {
  return { ...configFromFlags(STREAM_FLAGS, flags), ...composedConfig(flags) };
}

function composedConfig(flags: ComposedStreamFlags): JsonObject {
  const limits = given({
    inactive_threshold: nanoseconds(flags['limit-consumer-inactive']),
    max_ack_pending: flags['limit-consumer-max-pending'],
  });
  const placement = given({ cluster: flags['placement-cluster'], tags: flags['placement-tag'] });
  return given({
    no_ack: flags.ack === undefined ? undefined : !flags.ack,
    // natscli's flag sets both.
    discard: flags.discard ?? (flags['discard-per-subject'] === true ? 'new' : undefined),
    mirror: flags['no-mirror'] === true ? null : flags.mirror && { name: flags.mirror },
    sources: flags.source?.map((name) => ({ name })),
    republish: flags['no-republish'] === true ? null : republishOf(flags),
    subject_transform: flags['no-transform'] === true ? null : transformOf(flags),
    placement: Object.keys(placement).length > 0 ? placement : undefined,
    consumer_limits: Object.keys(limits).length > 0 ? limits : undefined,
  });
}

function nanoseconds(durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : Math.round(durationMs * 1e6);
}

/** Without the keys that are undefined. */
function given(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

function republishOf(flags: ComposedStreamFlags): JsonObject | undefined {
  const [src, dest] =
    flags.republish === undefined
      ? [flags['republish-source'] ?? '>', flags['republish-destination']]
      : subjectPair('republish', flags.republish);
  if (dest === undefined) {
    if (flags['republish-headers'] !== true) return undefined;
    throw usageError('--republish-headers needs --republish', "add --republish 'orders.>=copy.>'");
  }
  return { src, dest, ...(flags['republish-headers'] === true && { headers_only: true }) };
}

function transformOf(flags: ComposedStreamFlags): JsonObject | undefined {
  const [src, dest] =
    flags.transform === undefined
      ? [flags['transform-source'] ?? '>', flags['transform-destination']]
      : subjectPair('transform', flags.transform);
  return dest === undefined ? undefined : { src, dest };
}

function subjectPair(flag: string, text: string): readonly [src: string, dest: string] {
  const [src = '', dest = '', ...more] = text.split('=');
  if (src === '' || dest === '' || more.length > 0) {
    throw usageError(
      `invalid --${flag} ${quoted(text)}: it is not subject=subject`,
      `write it as --${flag} 'orders.>=copy.>'`,
    );
  }
  return [parseSubscriptionPattern(src), dest];
}

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

/** The configuration that `create` asks for: the file's keys, overridden by the flags'. The name in the file does not matter. */
export function wantedStream(name: string, flags: JsonObject, file: JsonObject = {}): StreamConfig {
  const unwrapped = writtenConfig(file, STREAM_KEYS);
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
    ...mergedObjects({ ...present, ...unwrapped }, flags),
    ...(changed && { metadata: kept }),
    name: present.name,
  };
}

/** Flags set one member of such an object at a time. */
const MERGED = ['placement', 'consumer_limits'] as const;

function mergedObjects(before: JsonObject, flags: JsonObject): JsonObject {
  const merged = MERGED.flatMap((key): readonly (readonly [string, JsonObject])[] => {
    const [old, wanted] = [before[key], flags[key]];
    return isJsonObject(old) && isJsonObject(wanted) ? [[key, { ...old, ...wanted }]] : [];
  });
  return Object.fromEntries(merged);
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
