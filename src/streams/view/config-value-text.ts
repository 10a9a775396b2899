import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDurationPrecise } from '../../core/values/duration.js';
import { plainText, type JsonValue } from '../../core/message/exact-json.js';
import { printableText } from '../../core/printable.js';

/** Keys of streams and consumers whose number is a duration in nanoseconds. */
const DURATIONS: ReadonlySet<string> = new Set([
  'max_age',
  'duplicate_window',
  'subject_delete_marker_ttl',
  'ack_wait',
  'backoff',
  'inactive_threshold',
  'idle_heartbeat',
  'max_expires',
  'priority_timeout',
]);
const SIZES: ReadonlySet<string> = new Set(['max_bytes', 'max_msg_size']);
/** Keys whose absence means that there is no limit. */
const UNLIMITED: ReadonlySet<string> = new Set([
  'max_age',
  'max_bytes',
  'max_msgs',
  'max_msgs_per_subject',
  'max_msg_size',
  'max_deliver',
]);
/** Keys where 0 does not mean "unlimited". */
const NO_LIMITS: ReadonlySet<string> = new Set(['max_batch', 'max_expires', 'num_replicas']);

/** A value of a stream's or consumer's configuration, as text: `1h`, `16 MiB`, `unlimited`, `orders.>, returns.>`. */
export function configValueText(key: string, value: JsonValue | undefined): string {
  if (value === undefined && UNLIMITED.has(key)) return 'unlimited';
  if (value === undefined || value === null || value === '') return '–';
  if (Array.isArray(value)) {
    const members = (value as readonly JsonValue[]).map((one) => configValueText(key, one));
    return members.length === 0 ? '–' : members.join(', ');
  }
  if (typeof value === 'bigint' && DURATIONS.has(key)) return formatDurationPrecise(value);
  if (typeof value === 'number') return numberText(key, value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return printableText(plainText(value));
}

function numberText(key: string, value: number): string {
  const isLimit = key.startsWith('max_') && !NO_LIMITS.has(key);
  if (isLimit && (value < 0 || (value === 0 && key !== 'max_deliver'))) return 'unlimited';
  if (DURATIONS.has(key)) return formatDurationPrecise(BigInt(Math.round(value)));
  return SIZES.has(key) ? formatByteSize(value) : String(value);
}
