import { NatsxError, usageError } from '../../core/errors.js';
import { formatDuration } from '../../core/values/duration.js';
import type { JsonObject } from '../../core/message/exact-json.js';
import { withDefaults, type ConfigChange } from './config-changes.js';
import { isUnset } from '../../core/message/unset-value.js';
import { flagsFor, type ConfigFlag } from './config-flags.js';
import { CONSUMER_KEYS } from './config-keys.js';
import {
  CONSUMER_DEFAULTS,
  CONSUMER_FLAGS,
  rejectOtherConsumer,
  withOneFilterKey,
} from './consumer-config.js';
import type { ConsumerConfig } from './consumer-info.js';
import { checkConsumerConfig } from './consumer-rules.js';
import { asMetadata, writtenConfig } from './stream-config.js';

/** Keys that cannot change after a consumer is created, on every server since 2.9. */
const FIXED: ReadonlyMap<string, string> = new Map([
  ['deliver_policy', 'its start'],
  ['opt_start_seq', 'its start'],
  ['opt_start_time', 'its start'],
  ['ack_policy', 'what is acknowledged'],
  ['replay_policy', 'the timing of its messages'],
  ['max_waiting', 'the number of waiting pull requests'],
  ['idle_heartbeat', 'whether the server sends heartbeats'],
  ['flow_control', 'whether the server slows down for a slow subscriber'],
  // Older servers accept it, but do not move the state.
  ['mem_storage', 'where its state is kept'],
]);

/** The flags of `consumer edit` that set one key; `--filter` does more. */
export const CONSUMER_EDIT_FLAGS: readonly ConfigFlag[] = CONSUMER_FLAGS.filter(
  ({ key }) => !FIXED.has(key),
);

/**
 * The configuration that `edit` asks for: the current one, overridden by the file's keys and then the flags'. Metadata
 * is merged by name; an empty value removes the entry.
 *
 * @throws usage when the file is for another consumer
 */
export function editedConsumer(
  name: string,
  present: ConsumerConfig,
  { flags, file = {} }: { readonly flags: JsonObject; readonly file?: JsonObject | undefined },
): ConsumerConfig {
  const written = writtenConfig(file, CONSUMER_KEYS);
  rejectOtherConsumer(written, name);
  const wished = { ...withOneFilterKey(written, flags), ...flags };
  const metadata = { ...present.metadata, ...asMetadata(written), ...asMetadata(flags) };
  const kept = Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== ''));
  return {
    ...withoutReplaced(present, wished),
    ...firstWait(wished),
    ...wished,
    ...('metadata' in wished && { metadata: kept }),
    // The name stays as the server has it: old consumers have no key for it.
    ...named(present),
  };
}

/** A filter replaces the current ones, whichever of the two keys either uses. */
function withoutReplaced(present: ConsumerConfig, wished: JsonObject): ConsumerConfig {
  const isFilter = (key: string): boolean => key === 'filter_subject' || key === 'filter_subjects';
  if (!Object.keys(wished).some(isFilter)) return present;
  return Object.fromEntries(Object.entries(present).filter(([key]) => !isFilter(key)));
}

/** The server uses the first wait of a backoff as the ack wait. */
function firstWait(wished: JsonObject): JsonObject {
  const backoff = wished['backoff'];
  const [first] = Array.isArray(backoff) ? (backoff as readonly number[]) : [];
  return first === undefined ? {} : { ack_wait: first };
}

function named({ name, durable_name: durable }: ConsumerConfig): JsonObject {
  return {
    ...(name !== undefined && { name }),
    ...(durable !== undefined && { durable_name: durable }),
  };
}

/**
 * Checks that the server allows these changes of an existing consumer.
 *
 * @throws usage naming the key, and what to do instead; as {@link checkConsumerConfig}
 */
export function checkConsumerEdit(
  target: { readonly stream: string; readonly consumer: string },
  {
    present,
    wanted,
    flags = wanted,
  }: {
    readonly present: ConsumerConfig;
    readonly wanted: ConsumerConfig;
    /** The keys that flags gave; all of them when left out. */
    readonly flags?: JsonObject;
  },
  changes: readonly ConfigChange[],
): void {
  for (const change of changes) {
    const reason = whyNot(change);
    if (reason === undefined) continue;
    throw usageError(
      `${change.key} of the consumer "${target.consumer}" cannot be changed: ${reason}`,
      `create another consumer with it; natsx consumer info ${target.stream} ${target.consumer} shows where it should begin`,
    );
  }
  checkFirstWait(target, wanted);
  // Servers keep settings that natsx would reject; other changes are still allowed.
  if (isSound(present)) checkConsumerConfig(wanted, flags);
}

/** Every server replaces the ack wait with the first wait of the backoff. */
function checkFirstWait(
  { consumer }: { readonly consumer: string },
  { ack_wait: wait, backoff = [] }: ConsumerConfig,
): void {
  const [first] = backoff;
  if (first === undefined || isUnset(wait) || wait === first) return;
  const firstText = formatDuration(first);
  throw new NatsxError(
    'rejected',
    `ack_wait of the consumer "${consumer}" cannot be changed: its backoff overrides it, and begins with ${firstText}`,
    { hint: 'change --backoff, or remove it first with --config and {"backoff": []}' },
  );
}

function whyNot({ key, before, after }: ConfigChange): string | undefined {
  const fixed = FIXED.get(key);
  if (fixed !== undefined) return `${fixed} is fixed when a consumer is created`;
  if (key === 'deliver_subject' && isUnset(before) !== isUnset(after))
    return 'a pull consumer cannot become a push consumer, or the reverse';
  return undefined;
}

function isSound(config: ConsumerConfig): boolean {
  try {
    checkConsumerConfig(config);
    return true;
  } catch {
    return false;
  }
}

/** The command for these changes; undefined when a consumer cannot be changed in this way. */
export function consumerEditCommand(
  { stream, consumer }: { readonly stream: string; readonly consumer: string },
  changes: readonly ConfigChange[],
): string | undefined {
  if (changes.some((change) => whyNot(change) !== undefined)) return undefined;
  const words = flagsFor(EDIT_WORDS, withDefaults(withOneFilter(changes), CONSUMER_DEFAULTS));
  const flags = words ?? ['--config', 'FILE'];
  return `natsx consumer edit ${stream} ${consumer} ${flags.join(' ')}`;
}

const EDIT_WORDS: readonly ConfigFlag[] = [
  ...CONSUMER_EDIT_FLAGS,
  { flag: 'backoff', key: 'backoff', kind: 'durations' },
  { flag: 'filter', key: 'filter_subject', kind: 'text' },
  { flag: 'filter', key: 'filter_subjects', kind: 'list' },
];

/** Of two keys for filters, the removed one is left out: the other replaces it. */
function withOneFilter(changes: readonly ConfigChange[]): readonly ConfigChange[] {
  const filters = changes.filter(({ key }) => key.startsWith('filter_subject'));
  if (filters.length < 2) return changes;
  return changes.filter(
    ({ key, after }) => !key.startsWith('filter_subject') || after !== undefined,
  );
}
