import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDurationPrecise } from '../../core/values/duration.js';
import { isUnset } from '../../core/message/unset-value.js';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  plainText,
} from '../../core/message/exact-json.js';
import { printableText } from '../../core/printable.js';
import { formatCount } from '../../core/wording.js';

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
/** Numbers that are places, not amounts. */
const PLACES: ReadonlySet<string> = new Set(['opt_start_seq', 'first_seq']);
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
  if (isJsonObject(value)) return objectText(key, value);
  return printableText(plainText(value));
}

function numberText(key: string, value: number): string {
  const isLimit = key.startsWith('max_') && !NO_LIMITS.has(key);
  if (isLimit && (value < 0 || (value === 0 && key !== 'max_deliver'))) return 'unlimited';
  if (DURATIONS.has(key)) return formatDurationPrecise(BigInt(Math.round(value)));
  return SIZES.has(key)
    ? formatByteSize(value)
    : PLACES.has(key)
      ? String(value)
      : formatCount(value);
}

function objectText(key: string, value: JsonObject): string {
  switch (key) {
    case 'mirror':
    case 'sources':
      return originText(value, { isNamed: true });
    case 'republish':
    case 'subject_transform':
      return mappingText(value);
    case 'placement':
    case 'consumer_limits':
      return membersText(value);
    default:
      return printableText(plainText(value));
  }
}

/** The stream that a mirror or source copies from: `ORDERS, only orders.eu, from sequence 7, by $JS.hub.API`. */
export function originText(origin: JsonObject, { isNamed }: { readonly isNamed: boolean }): string {
  const {
    name,
    filter_subject: filter,
    opt_start_seq: seq,
    opt_start_time: time,
    subject_transforms: transforms,
    external,
  } = origin;
  const api = isJsonObject(external) ? external['api'] : undefined;
  const mappings = Array.isArray(transforms) ? (transforms as readonly JsonValue[]) : [];
  const parts = [
    ...(isNamed ? [plainText(name)] : []),
    ...(isUnset(filter) ? [] : [`only ${plainText(filter)}`]),
    ...mappings.flatMap((mapping) => (isJsonObject(mapping) ? [mappingText(mapping)] : [])),
    ...(isUnset(seq) ? [] : [`from sequence ${plainText(seq)}`]),
    ...(isUnset(time) ? [] : [`from ${plainText(time)}`]),
    ...(isUnset(api) ? [] : [`through ${plainText(api)}`]),
  ];
  return printableText(parts.join(', '));
}

/** `orders.> to copy.>`, with what else there is. */
function mappingText({ src, dest, headers_only: headers }: JsonObject): string {
  const to = isUnset(dest) ? '' : ` to ${plainText(dest)}`;
  const what = headers === true ? ', headers only' : '';
  return printableText(`${isUnset(src) ? '>' : plainText(src)}${to}${what}`);
}

/** `cluster c1, tags ssd, eu`. */
function membersText(value: JsonObject): string {
  return Object.entries(value)
    .filter(([, member]) => !isUnset(member))
    .map(
      ([key, member]) =>
        `${printableText(key.replaceAll('_', ' '))} ${configValueText(key, member)}`,
    )
    .join(', ');
}
