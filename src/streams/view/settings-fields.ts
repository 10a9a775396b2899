import { isUnset } from '../../core/message/unset-value.js';
import type { JsonObject } from '../../core/message/exact-json.js';
import { printableText } from '../../core/printable.js';
import { configChanges, type ConfigDefaults } from '../model/config-changes.js';
import { CONSUMER_DEFAULTS, consumerDefaults } from '../model/consumer-config.js';
import type { ConsumerConfig } from '../model/consumer-info.js';
import { STREAM_DEFAULTS } from '../model/stream-config.js';
import type { StreamConfig } from '../model/stream-info.js';
import { configValueText } from './config-value-text.js';
import type { SectionField } from './sections-text.js';

/** Settings that are not the default, in two groups. */
export interface SettingGroups {
  readonly limits: readonly SectionField[];
  readonly others: readonly SectionField[];
}

const STREAM_LIMITS: ReadonlySet<string> = new Set([
  'max_age',
  'max_bytes',
  'max_msgs',
  'max_msgs_per_subject',
  'max_msg_size',
  'max_consumers',
  'discard',
  'discard_new_per_subject',
  'consumer_limits',
]);

const CONSUMER_LIMITS: ReadonlySet<string> = new Set([
  'max_ack_pending',
  'max_batch',
  'max_bytes',
  'max_deliver',
  'max_expires',
  'max_waiting',
  'rate_limit_bps',
  'inactive_threshold',
]);

export function streamSettings(config: StreamConfig): SettingGroups {
  const { max_age: age = 0 } = config;
  // The server shortens the window of a stream that keeps messages for less time.
  const window = age > 0 ? Math.min(age, Number(STREAM_DEFAULTS['duplicate_window'])) : undefined;
  const defaults = {
    ...STREAM_DEFAULTS,
    ...(window !== undefined && { duplicate_window: window }),
  };
  return groups(config, defaults, STREAM_LIMITS);
}

export function consumerSettings(config: ConsumerConfig): SettingGroups {
  const isPush = !isUnset(config.deliver_subject);
  const acks = config.ack_policy !== 'none';
  const defaults = {
    ...consumerDefaults(config),
    ack_policy: 'explicit',
    // What the server sets where it has no meaning.
    max_ack_pending: acks ? (CONSUMER_DEFAULTS['max_ack_pending'] ?? null) : -1,
    max_waiting: isPush ? 0 : (CONSUMER_DEFAULTS['max_waiting'] ?? null),
  };
  return groups(config, defaults, CONSUMER_LIMITS);
}

/** They have a line of their own, or none. */
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set([
  'name',
  'durable_name',
  'description',
  'subjects',
  'filter_subject',
  'filter_subjects',
  'deliver_subject',
  'deliver_group',
  'mirror',
  'sources',
  'pause_until',
]);

function groups(
  config: JsonObject,
  defaults: ConfigDefaults,
  limits: ReadonlySet<string>,
): SettingGroups {
  // Against nothing at all, every setting that is not the default is a change.
  const changes = configChanges({}, config, { defaults }).filter(
    ({ key, after }) => !SHOWN_ELSEWHERE.has(key) && !isUnset(after),
  );
  const metadata = changes.filter(({ key }) => key.startsWith(METADATA));
  const plain = changes.filter(({ key }) => !key.startsWith(METADATA));
  const field = ({ key, after }: (typeof changes)[number]): SectionField => [
    settingLabel(key),
    configValueText(key, after),
  ];
  const entries = metadata.map(
    ({ key, after }) =>
      `${printableText(key.slice(METADATA.length))}=${configValueText(key, after)}`,
  );
  return {
    limits: plain.filter(({ key }) => limits.has(key)).map(field),
    others: [
      ...plain.filter(({ key }) => !limits.has(key)).map(field),
      ...(entries.length > 0 ? [['metadata', entries.join(', ')] as const] : []),
    ],
  };
}

const METADATA = 'metadata.';

/** Where the key itself does not read well. */
const LABELS: Readonly<Record<string, string>> = {
  num_replicas: 'replicas',
  max_msgs: 'max messages',
  max_msgs_per_subject: 'max messages per subject',
  max_msg_size: 'max message size',
  max_bytes: 'max size',
  discard_new_per_subject: 'discard new per subject',
  allow_rollup_hdrs: 'allow rollup',
  opt_start_seq: 'start sequence',
  opt_start_time: 'start time',
  idle_heartbeat: 'heartbeat',
  mem_storage: 'memory storage',
  rate_limit_bps: 'rate limit',
  sample_freq: 'ack sampling',
  allow_msg_ttl: 'allow message TTL',
  allow_msg_schedules: 'allow schedules',
  allow_msg_counter: 'allow counter',
};

function settingLabel(key: string): string {
  return printableText(LABELS[key] ?? key.replaceAll('_', ' '));
}
