import type { AssetListing, MissingAsset } from '../model/listing.js';
import type { ConsumerSample, StreamSample } from '../model/snapshot.js';
import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDurationMs } from '../../core/values/duration.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { formatCompact } from '../../core/wording.js';

export interface ListingView {
  readonly style: Style;
  readonly width: number | undefined;
}

/** A line per stream: what it stores, and how many consumers it has. */
export function streamListText(
  { streams, missing }: AssetListing,
  { subject, ...view }: ListingView & { readonly subject?: string | undefined },
): string {
  if (streams.length === 0 && missing.length === 0)
    return subject === undefined ? 'There are no streams.\n' : `No stream stores "${subject}".\n`;
  const right = (title: string) => ({ title, align: 'right' as const });
  return textTable({
    columns: [
      'Stream',
      'Retention',
      right('Messages'),
      right('Size'),
      right('Oldest'),
      right('Last'),
      right('Consumers'),
    ],
    rows: [
      ...streams.map((stream) => [
        stream.name,
        stream.config.retention,
        formatCompact(stream.messages),
        formatByteSize(stream.bytes),
        ago(stream.firstMs, stream.atMs),
        ago(stream.lastMs, stream.atMs),
        String(stream.consumerCount),
      ]),
      ...missing.map(({ what, why }) => [what, why]),
    ],
    ...view,
  });
}

/** A line per consumer: its position. Without the name of a stream, it is a column. */
export function consumerListText(
  { consumers, missing }: AssetListing,
  { stream, ...view }: ListingView & { readonly stream?: string | undefined },
): string {
  if (consumers.length === 0 && missing.length === 0) {
    return stream === undefined ? 'There are no consumers.\n' : 'The stream has no consumers.\n';
  }
  const right = (title: string) => ({ title, align: 'right' as const });
  return textTable({
    columns: [
      ...(stream === undefined ? ['Stream'] : []),
      'Consumer',
      'Kind',
      right('Pending'),
      right('In flight'),
      right('Waiting'),
      right('Delivered'),
      right('Acked'),
    ],
    rows: [
      ...consumers.map((consumer) => [
        ...(stream === undefined ? [consumer.stream] : []),
        consumer.name,
        consumer.config.deliverSubject === undefined ? 'pull' : 'push',
        formatCompact(consumer.pending),
        formatCompact(consumer.ackPending),
        formatCompact(consumer.waiting),
        ago(consumer.delivered.lastActiveMs, consumer.atMs),
        ago(consumer.ackFloor.lastActiveMs, consumer.atMs),
      ]),
      ...missing.map(({ what, why }) => [what, why]),
    ],
    ...view,
  });
}

function ago(atMs: number | undefined, nowMs: number): string {
  return atMs === undefined ? '–' : formatDurationMs(Math.max(0, nowMs - atMs));
}

export function streamJson(stream: StreamSample): object {
  return {
    name: stream.name,
    retention: stream.config.retention,
    subjects: stream.config.subjects,
    messages: stream.messages,
    bytes: stream.bytes,
    first_seq: stream.firstSeq,
    last_seq: stream.lastSeq,
    oldest_age_ms: stream.firstMs === undefined ? null : Math.round(stream.atMs - stream.firstMs),
    last_age_ms: stream.lastMs === undefined ? null : Math.round(stream.atMs - stream.lastMs),
    consumers: stream.consumerCount,
    leader: stream.cluster?.leader ?? null,
  };
}

export function consumerJson(consumer: ConsumerSample): object {
  return {
    stream: consumer.stream,
    name: consumer.name,
    kind: consumer.config.deliverSubject === undefined ? 'pull' : 'push',
    pending: consumer.pending,
    ack_pending: consumer.ackPending,
    redelivered: consumer.redelivered,
    waiting: consumer.waiting,
    delivered_seq: consumer.delivered.streamSeq,
    ack_floor_seq: consumer.ackFloor.streamSeq,
    leader: consumer.cluster?.leader ?? null,
  };
}

/** Of a stream or consumer that does not answer, only its name and the reason are known. */
export function missingJson({ stream, consumer, why, detail }: MissingAsset): object {
  const names = consumer === undefined ? { name: stream } : { stream, name: consumer };
  return { ...names, missing: why, detail };
}
