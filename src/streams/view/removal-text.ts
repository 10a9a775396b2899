import { rfc3339Local } from '../../core/values/local-time.js';
import { formatByteSize } from '../../core/values/byte-size.js';
import type { ConsumerRemoval, MessageRemoval, StreamRemoval } from '../model/removal.js';
import type { StreamPurge } from '../model/purge.js';
import { lossLines, removalJson, removedLine } from './config-outcome-text.js';
import { printableText } from '../../core/printable.js';
import type { Style } from '../../terminal/text/style.js';
import { formatCount, plural } from '../../core/wording.js';

/** A stream that was or would be removed, with what it held, in one line. */
export function streamRemovalText(removal: StreamRemoval, style: Style): string {
  const { stream, messages, bytes, consumerCount, consumers = [], dependents = [], done } = removal;
  const held = `${plural(messages, 'message')} (${formatByteSize(bytes)})`;
  const names = consumers.length === 0 ? '' : `: ${consumers.join(', ')}`;
  const verb = done ? 'removed' : 'would remove';
  const fed =
    dependents.length === 0
      ? []
      : [
          dependents.length === 1
            ? `${dependents.join(', ')} copies from this stream, and gets no more messages`
            : `${dependents.join(', ')} copy from this stream, and get no more messages`,
        ];
  return `${verb} the stream ${stream} with ${held} and ${plural(consumerCount, 'consumer')}${names}\n${lossLines(fed, style)}`;
}

export function streamRemovalJson(removal: StreamRemoval): unknown {
  const { stream, messages, bytes, consumerCount, consumers, dependents, done } = removal;
  return {
    action: done ? 'removed' : 'would-remove',
    stream,
    messages,
    bytes,
    consumer_count: consumerCount,
    consumers: consumers ?? null,
    dependents: dependents ?? null,
  };
}

/** A consumer that was or would be removed, in one line, then what it costs. */
export function consumerRemovalText(removal: ConsumerRemoval, style: Style): string {
  const { stream, consumer, pending, ackPending, done } = removal;
  const left = `${plural(pending, 'message')} pending, ${formatCount(ackPending)} not acknowledged`;
  const first = `${done ? 'removed' : 'would remove'} the consumer ${consumer} of ${stream} (${left})`;
  const { losses, removed } = removal;
  if (losses === undefined) {
    return `${first}; whether messages are removed is not known: this user may not read the stream\n`;
  }
  if (losses.length === 0) return `${first}; the messages stay\n`;
  return `${first}\n${lossLines(losses, style)}${removedLine(removed, style)}`;
}

export function consumerRemovalJson(removal: ConsumerRemoval): unknown {
  const { stream, consumer, pending, ackPending, done } = removal;
  return {
    action: done ? 'removed' : 'would-remove',
    stream,
    consumer,
    num_pending: pending,
    num_ack_pending: ackPending,
    losses: removal.losses ?? null,
    ...removalJson(removal.removes, removal.removed),
  };
}

/** What a purge removed or would remove, in one line, then what else it changes. */
export function streamPurgeText(purge: StreamPurge, style: Style): string {
  const { stream, messages, bytes, expected, purged, purgedBytes, nextSeq } = purge;
  const next = lossLines(
    nextSeq === undefined
      ? []
      : [`the next message gets sequence ${nextSeq} instead of ${purge.usualNextSeq ?? 0}`],
    style,
  );
  const of = `of ${plural(messages, 'message')} (${formatByteSize(bytes)}) in the stream ${stream}`;
  if (purged !== undefined) {
    const size = purgedBytes === undefined ? '' : ` (${formatByteSize(purgedBytes)})`;
    return `purged ${formatCount(purged)}${size} ${of}${choiceText(purge)}\n${next}`;
  }
  const amount = expected === undefined ? 'an unknown number' : formatCount(expected);
  return `would purge ${amount} ${of}${choiceText(purge)}\n${next}`;
}

function choiceText({ choice: { filter, seq, keep }, beforeMs }: StreamPurge): string {
  const stored = beforeMs === undefined ? '' : `, stored before ${rfc3339Local(beforeMs)}`;
  const parts = [
    ...(filter === undefined ? [] : [`only ${printableText(filter)}`]),
    ...(seq === undefined ? [] : [`before sequence ${seq}${stored}`]),
    ...(keep === undefined ? [] : [`keeping the newest ${formatCount(keep)}`]),
  ];
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`;
}

export function streamPurgeJson(purge: StreamPurge): unknown {
  const { stream, choice, beforeMs, messages, bytes, expected, purged, purgedBytes } = purge;
  return {
    action: purged === undefined ? 'would-purge' : 'purged',
    stream,
    subject: choice.filter,
    seq: choice.seq,
    keep: choice.keep,
    before: beforeMs === undefined ? undefined : new Date(beforeMs).toISOString(),
    messages,
    bytes,
    expected: expected ?? null,
    purged: purged ?? 0,
    purged_bytes: purgedBytes,
    next_seq: purge.nextSeq,
  };
}

/** A message that was or would be removed, in one line. */
export function messageRemovalText({ stored, done }: MessageRemoval): string {
  const { stream, seq, time, message } = stored;
  const size = formatByteSize(message.payload.length);
  const verb = done ? 'removed' : 'would remove';
  return `${verb} message ${seq} of ${stream}: ${printableText(message.subject)}, ${size}, from ${time}\n`;
}

export function messageRemovalJson({ stored, done }: MessageRemoval): unknown {
  const { stream, seq, time, message } = stored;
  return {
    action: done ? 'removed' : 'would-remove',
    stream,
    seq,
    subject: message.subject,
    time,
    size_bytes: message.payload.length,
  };
}
