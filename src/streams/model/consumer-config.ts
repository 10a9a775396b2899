import { parseTimeMs } from '../../core/values/time.js';
import { usageError } from '../../core/errors.js';
import { plainText, type JsonObject } from '../../core/message/exact-json.js';
import { quoted } from '../../core/printable.js';
import type { ConfigDefaults } from './config-changes.js';
import { configFromFlags, type ConfigFlag } from './config-flags.js';
import { CONSUMER_KEYS } from './config-keys.js';
import type { ConsumerConfig } from './consumer-info.js';
import { parseSequence } from './sequence.js';
import { asMetadata, writtenConfig } from './stream-config.js';

/** The flags of `consumer create` and `edit` that set one key; `--filter`, `--deliver` and `--start-*` do more. */
export const CONSUMER_FLAGS: readonly ConfigFlag[] = [
  { flag: 'description', key: 'description', kind: 'text' },
  { flag: 'ack', key: 'ack_policy', kind: 'text' },
  { flag: 'ack-wait', key: 'ack_wait', kind: 'duration' },
  { flag: 'max-deliver', key: 'max_deliver', kind: 'number' },
  { flag: 'max-ack-pending', key: 'max_ack_pending', kind: 'number' },
  { flag: 'max-waiting', key: 'max_waiting', kind: 'number' },
  { flag: 'max-batch', key: 'max_batch', kind: 'number' },
  { flag: 'inactive-threshold', key: 'inactive_threshold', kind: 'duration' },
  { flag: 'replay', key: 'replay_policy', kind: 'text' },
  { flag: 'headers-only', key: 'headers_only', kind: 'boolean' },
  { flag: 'replicas', key: 'num_replicas', kind: 'number' },
  { flag: 'memory', key: 'mem_storage', kind: 'boolean' },
  { flag: 'push', key: 'deliver_subject', kind: 'text' },
  { flag: 'deliver-group', key: 'deliver_group', kind: 'text' },
  { flag: 'heartbeat', key: 'idle_heartbeat', kind: 'duration' },
  { flag: 'flow-control', key: 'flow_control', kind: 'boolean' },
  { flag: 'metadata', key: 'metadata', kind: 'pairs' },
  { flag: 'max-pull-expire', key: 'max_expires', kind: 'duration' },
  { flag: 'max-pull-bytes', key: 'max_bytes', kind: 'bytes' },
  { flag: 'bps', key: 'rate_limit_bps', kind: 'number' },
  { flag: 'pinned-ttl', key: 'priority_timeout', kind: 'duration' },
];

/** The flags that do more than set one key, as parsed. */
export interface ComposedConsumerFlags {
  readonly filter?: readonly string[] | undefined;
  readonly deliver?: DeliverStart | undefined;
  readonly 'start-seq'?: number | undefined;
  readonly 'start-time'?: string | undefined;
  readonly backoff?: readonly (number | 'none' | 'linear')[] | undefined;
  readonly 'backoff-steps'?: number | undefined;
  readonly 'backoff-min'?: number | undefined;
  readonly 'backoff-max'?: number | undefined;
  readonly sample?: string | undefined;
  readonly ephemeral?: boolean | undefined;
  readonly pause?: Date | undefined;
  readonly 'pinned-groups'?: readonly string[] | undefined;
  readonly 'overflow-groups'?: readonly string[] | undefined;
  readonly 'prioritized-groups'?: readonly string[] | undefined;
}

/** The settings that the flags of `create` or `edit` give. @param table what the command has. @throws usage */
export function consumerConfigOf(
  table: readonly ConfigFlag[],
  flags: ComposedConsumerFlags & Readonly<Record<string, unknown>>,
): JsonObject {
  return {
    ...configFromFlags(table, flags),
    ...filterConfig(flags.filter),
    ...startConfig(flags),
    ...backoffConfig(flags),
    ...sampleConfig(flags.sample),
    ...priorityConfig(flags),
    // An ephemeral consumer is one without a durable name.
    ...(flags.ephemeral === true && { durable_name: '' }),
    ...(flags.pause !== undefined && { pause_until: flags.pause.toISOString() }),
  };
}

function backoffConfig(flags: ComposedConsumerFlags): JsonObject {
  const { backoff } = flags;
  if (backoff === undefined) return {};
  const words = backoff.filter((wait) => typeof wait === 'string');
  if (words.length > 0 && backoff.length > 1) {
    throw usageError(`--backoff ${words.join(',')} has no other waits`, 'give the waits alone');
  }
  const [mode] = words;
  if (mode === 'none') return { backoff: [] };
  const waitsMs =
    mode === 'linear' ? linearWaits(flags) : backoff.filter((wait) => typeof wait === 'number');
  return { backoff: waitsMs.map((wait) => Math.round(wait * 1e6)) };
}

/** As natscli computes them. */
function linearWaits({
  'backoff-steps': steps = 10,
  'backoff-min': leastMs = 60_000,
  'backoff-max': mostMs = 1_200_000,
}: ComposedConsumerFlags): readonly number[] {
  const [min, max] = leastMs <= mostMs ? [leastMs, mostMs] : [mostMs, leastMs];
  return Array.from({ length: steps }, (_, step) => Math.round(min + (step * (max - min)) / steps));
}

/** A percentage of the acknowledgements that the server samples; natscli's -1 for none. */
function sampleConfig(sample: string | undefined): JsonObject {
  if (sample === undefined || sample === '-1') return {};
  const percent = Number(sample.replace(/%$/, ''));
  if (Number.isInteger(percent) && percent >= 0 && percent <= 100)
    return { sample_freq: `${percent}` };
  throw usageError(`invalid --sample ${quoted(sample)}`, 'write a percentage, such as 30');
}

const PRIORITY_POLICIES = [
  ['pinned-groups', 'pinned_client'],
  ['overflow-groups', 'overflow'],
  ['prioritized-groups', 'prioritized'],
] as const;

function priorityConfig(flags: ComposedConsumerFlags): JsonObject {
  const chosen = PRIORITY_POLICIES.filter(([flag]) => flags[flag] !== undefined);
  const [first, second] = chosen;
  if (first === undefined) return {};
  if (second !== undefined) {
    throw usageError(
      `--${first[0]} and --${second[0]} are two priority policies`,
      'give one of them',
    );
  }
  return { priority_policy: first[1], priority_groups: [...(flags[first[0]] ?? [])] };
}

/** The server's values for keys that are not given. */
export const CONSUMER_DEFAULTS: ConfigDefaults = {
  deliver_policy: 'all',
  ack_policy: 'none',
  replay_policy: 'instant',
  ack_wait: 30e9,
  max_deliver: -1,
  max_ack_pending: 1_000,
  max_waiting: 512,
};

/** The defaults for one consumer: with a backoff, the ack wait is its first wait. */
export function consumerDefaults({ backoff = [] }: ConsumerConfig): ConfigDefaults {
  const [first] = backoff;
  return first === undefined ? CONSUMER_DEFAULTS : { ...CONSUMER_DEFAULTS, ack_wait: first };
}

/** Where a consumer begins: a policy of the server, a sequence, or a time in RFC 3339. */
export type DeliverStart =
  { readonly policy: string } | { readonly seq: number } | { readonly time: string };

const POLICIES: ReadonlyMap<string, string> = new Map([
  ['all', 'all'],
  ['new', 'new'],
  ['last', 'last'],
  ['last-per-subject', 'last_per_subject'],
  // The server's and natscli's words.
  ['last_per_subject', 'last_per_subject'],
  ['subject', 'last_per_subject'],
]);

/** Reads `--deliver`; natscli also takes a sequence, or how long ago. @throws usage */
export function parseDeliver(text: string, nowMs: number): DeliverStart {
  const policy = POLICIES.get(text);
  if (policy !== undefined) return { policy };
  if (/^\d+$/.test(text)) return { seq: parseSequence(text) };
  try {
    return { time: parseStartTime(text, nowMs) };
  } catch {
    throw usageError(
      `invalid start ${quoted(text)}`,
      'write all, new, last, last-per-subject, a sequence, a time, or how long ago: 1h',
    );
  }
}

/**
 * Reads a time as {@link parseTimeMs} does.
 *
 * @returns RFC 3339
 * @throws usage
 */
export function parseStartTime(text: string, nowMs: number): string {
  // The server knows nanoseconds, so a time that it understands is passed on unchanged.
  const isComplete = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text);
  if (isComplete && !Number.isNaN(Date.parse(text))) return text;
  return new Date(parseTimeMs(text, nowMs)).toISOString();
}

/** The keys for where a consumer begins. @throws usage when two starts are given */
export function startConfig({
  deliver,
  'start-seq': startSeq,
  'start-time': startTime,
}: ComposedConsumerFlags): JsonObject {
  const starts: readonly (DeliverStart | undefined)[] = [
    deliver,
    startSeq === undefined ? undefined : { seq: startSeq },
    startTime === undefined ? undefined : { time: startTime },
  ];
  const [start, ...others] = starts.filter((one) => one !== undefined);
  if (others.length > 0) {
    throw usageError(
      'a consumer has only one start',
      'give only one of --deliver, --start-seq and --start-time',
    );
  }
  if (start === undefined) return {};
  if ('policy' in start) return { deliver_policy: start.policy };
  return 'seq' in start
    ? { deliver_policy: 'by_start_sequence', opt_start_seq: start.seq }
    : { deliver_policy: 'by_start_time', opt_start_time: start.time };
}

/** A single filter has its own key, which servers before 2.10 know as well. */
export function filterConfig(filters: readonly string[] | undefined): JsonObject {
  if (filters === undefined) return {};
  const [first, ...others] = filters;
  if (first === undefined) return {};
  return others.length === 0 ? { filter_subject: first } : { filter_subjects: filters };
}

/**
 * The configuration that `create` asks for: a durable consumer that acknowledges each message, unless the file or the
 * flags say otherwise. The name in the file does not matter.
 */
export function wantedConsumer(
  name: string,
  flags: JsonObject,
  file: JsonObject = {},
): ConsumerConfig {
  const written = withOneFilterKey(writtenConfig(file, CONSUMER_KEYS), flags);
  const metadata = { ...asMetadata(written), ...asMetadata(flags) };
  const { durable_name: durable, ...rest } = { ...written, durable_name: name, ...flags };
  return {
    ack_policy: 'explicit',
    deliver_policy: 'all',
    replay_policy: 'instant',
    max_deliver: -1,
    ...rest,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    // Durable, whatever the file says, unless --ephemeral was given.
    ...(durable !== '' && { durable_name: name }),
    name,
  };
}

/** @throws usage when a file is for another consumer */
export function rejectOtherConsumer(file: JsonObject, name: string): void {
  const inFile = file['durable_name'] ?? file['name'];
  if (inFile === undefined || inFile === '' || inFile === name) return;
  throw usageError(
    `the file is for the consumer "${plainText(inFile)}", not for "${name}"`,
    'name the same consumer in both, or leave the name out of the file',
  );
}

/** A filter of the flags replaces the file's, whichever of the two keys it uses; a list of one is a single filter. */
export function withOneFilterKey(file: JsonObject, flags: JsonObject): JsonObject {
  const { filter_subject: single, filter_subjects: several, ...rest } = file;
  if ('filter_subject' in flags || 'filter_subjects' in flags) return rest;
  if (Array.isArray(several) && several.length === 1)
    return { ...rest, filter_subject: several[0] as string };
  return {
    ...rest,
    ...(single !== undefined && { filter_subject: single }),
    ...(several !== undefined && { filter_subjects: several }),
  };
}
