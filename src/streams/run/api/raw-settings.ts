import { createHmac, randomBytes } from 'node:crypto';

import { redact } from '../../../core/redact.js';
import { isSecretName } from '../../../core/secret-names.js';
import { markSecret } from '../../model/secret-mark.js';
import type { OtherSettings } from '../../model/snapshot.js';

type Scalar = OtherSettings[string];

const NO_OTHERS: OtherSettings = {};

/** What samples have by name; of a mirror only whether there is one. */
const STREAM_KEYS: ReadonlySet<string> = new Set([
  'name',
  'retention',
  'discard',
  'max_msgs',
  'max_bytes',
  'max_age',
  'max_msgs_per_subject',
  'subjects',
  'num_replicas',
  'allow_direct',
  'sealed',
  'storage',
  'duplicate_window',
  'persist_mode',
  'allow_msg_ttl',
  'allow_msg_schedules',
  'no_ack',
  'max_consumers',
  'metadata',
]);

const CONSUMER_KEYS: ReadonlySet<string> = new Set([
  'name',
  'durable_name',
  'ack_policy',
  'ack_wait',
  'max_deliver',
  'backoff',
  'max_ack_pending',
  'max_waiting',
  'filter_subject',
  'filter_subjects',
  'deliver_policy',
  'opt_start_seq',
  'opt_start_time',
  'replay_policy',
  'rate_limit_bps',
  'headers_only',
  'flow_control',
  'max_batch',
  'max_expires',
  'max_bytes',
  'deliver_subject',
  'deliver_group',
  'inactive_threshold',
  'priority_policy',
  'priority_timeout',
  'num_replicas',
  'mem_storage',
  'metadata',
]);

const KNOWN = { stream: STREAM_KEYS, consumer: CONSUMER_KEYS } as const;
const NO_METADATA: Readonly<Record<string, string>> = {};

/** Secrets of one run are compared with each other, and cannot be guessed from what is stored. */
const salt = randomBytes(32);
const run = randomBytes(3).toString('hex');

/**
 * The settings that are not known by name, as the server reports them: `placement.cluster`, `description`. What is off, 0
 * or without limit is left out, and secrets are replaced by a mark that shows whether they changed.
 */
export function rawSettings(
  raw: Readonly<Record<string, unknown>>,
  kind: keyof typeof KNOWN,
): OtherSettings {
  let found: Record<string, Scalar> | undefined;
  const add = (name: string, value: unknown): void => {
    const scalar = scalarOf(name, value);
    if (scalar === undefined) return;
    found ??= {};
    found[name] = scalar;
  };
  for (const key of Object.keys(raw)) {
    if (KNOWN[kind].has(key)) continue;
    const value = raw[key];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) add(key, value);
    else for (const [part, own] of Object.entries(value)) add(`${key}.${part}`, own);
  }
  return found ?? NO_OTHERS;
}

/** A configuration's metadata without secrets. */
export function metadataOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return NO_METADATA;
  const metadata = value as Readonly<Record<string, string>>;
  const hidden: Record<string, string> = {};
  for (const key of Object.keys(metadata)) {
    const text = metadata[key] ?? '';
    const shown = publicText(key, text);
    if (shown !== text) hidden[key] = shown;
  }
  return Object.keys(hidden).length === 0 ? metadata : { ...metadata, ...hidden };
}

/** Without secrets: values under names of secrets, and what looks like one. */
function publicText(name: string, value: string): string {
  const shown = isSecretName(name) ? '' : redact(value);
  if (shown === value) return value;
  return markSecret(shown, run, createHmac('sha256', salt).update(value).digest('hex').slice(0, 8));
}

function scalarOf(name: string, value: unknown): Scalar | undefined {
  switch (typeof value) {
    case 'string':
      // Go's zero time is never.
      return value === '' || value.startsWith('0001-') ? undefined : publicText(name, value);
    case 'number':
      return value > 0 ? value : undefined;
    case 'boolean':
      return value || undefined;
    case 'object':
      return value === null || isEmpty(value) ? undefined : publicText(name, textOf(value));
    default:
      return undefined;
  }
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function textOf(value: object): string {
  const isPlain = Array.isArray(value) && value.every((one) => typeof one !== 'object');
  return isPlain ? value.join(', ') : JSON.stringify(value);
}
