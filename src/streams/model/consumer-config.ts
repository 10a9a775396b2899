import { parseTimeMs } from '../../core/values/time.js';
import { usageError } from '../../core/errors.js';
import { plainText, type JsonObject } from '../../core/message/exact-json.js';
import type { ConfigDefaults } from './config-changes.js';
import type { ConfigFlag } from './config-flags.js';
import { CONSUMER_KEYS } from './config-keys.js';
import type { ConsumerConfig } from './consumer-info.js';
import { asMetadata, writtenConfig } from './stream-config.js';

/** The flags of `consumer create` and `edit` that set one key; `--filter`, `--deliver` and `--start-*` do more. */
export const CONSUMER_FLAGS: readonly ConfigFlag[] = [
  { flag: 'description', key: 'description', kind: 'text' },
  { flag: 'ack', key: 'ack_policy', kind: 'text' },
  { flag: 'ack-wait', key: 'ack_wait', kind: 'duration' },
  { flag: 'max-deliver', key: 'max_deliver', kind: 'number' },
  { flag: 'backoff', key: 'backoff', kind: 'durations' },
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
];

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

/** `--deliver` and its relatives. */
export interface DeliverChoice {
  readonly deliver?: string | undefined;
  readonly startSeq?: number | undefined;
  /** RFC 3339, as the server wants it. */
  readonly startTime?: string | undefined;
}

/**
 * Reads a time as {@link parseTimeMs} does.
 *
 * @returns RFC 3339
 * @throws usage
 */
export function parseStartTime(text: string, nowMs: number): string {
  const timeMs = parseTimeMs(text, nowMs);
  // The server knows nanoseconds, so a text that it understands goes through untouched.
  const isComplete = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text);
  return isComplete ? text : new Date(timeMs).toISOString();
}

/** The keys for where a consumer begins. @throws usage when two starts are given */
export function deliverConfig({ deliver, startSeq, startTime }: DeliverChoice): JsonObject {
  const named = [deliver, startSeq, startTime].filter((one) => one !== undefined);
  if (named.length > 1) {
    throw usageError(
      'a consumer has only one start',
      'give only one of --deliver, --start-seq and --start-time',
    );
  }
  if (startSeq !== undefined)
    return { deliver_policy: 'by_start_sequence', opt_start_seq: startSeq };
  if (startTime !== undefined)
    return { deliver_policy: 'by_start_time', opt_start_time: startTime };
  return deliver === undefined ? {} : { deliver_policy: deliver.replaceAll('-', '_') };
}

/** A single filter has its own key, which servers before 2.10 know as well. */
export function filterConfig(filters: readonly string[] | undefined): JsonObject {
  if (filters === undefined) return {};
  const [first, ...others] = filters;
  if (first === undefined) return {};
  return others.length === 0 ? { filter_subject: first } : { filter_subjects: filters };
}

/**
 * The configuration that `create` asks for: a durable consumer that acknowledges each message, unless the file
 * or the flags say otherwise.
 *
 * @throws usage when the file is for another consumer
 */
export function wantedConsumer(
  name: string,
  flags: JsonObject,
  file: JsonObject = {},
): ConsumerConfig {
  const unwrapped = withOneFilterKey(writtenConfig(file, CONSUMER_KEYS), flags);
  rejectOtherConsumer(unwrapped, name);
  const metadata = { ...asMetadata(unwrapped), ...asMetadata(flags) };
  return {
    durable_name: name,
    ack_policy: 'explicit',
    deliver_policy: 'all',
    replay_policy: 'instant',
    max_deliver: -1,
    ...unwrapped,
    ...flags,
    ...(Object.keys(metadata).length > 0 && { metadata }),
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
