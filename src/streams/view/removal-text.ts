import { formatByteSize } from '../../core/values/byte-size.js';
import type {
  ConsumerRemoval,
  MessageRemoval,
  StreamPurge,
  StreamRemoval,
} from '../model/removal.js';
import type { PurgeChoice } from '../model/stored-message.js';
import { removalJson } from './config-outcome-text.js';
import { printableText } from '../../core/printable.js';
import { formatAmount, formatCount } from '../../terminal/text/numbers.js';

/** A stream that went or would go, with what it held, in one line. */
export function streamRemovalText(removal: StreamRemoval): string {
  const { stream, messages, bytes, consumerCount, consumers = [], dependents = [], done } = removal;
  const held = `${formatAmount(messages, 'message')} (${formatByteSize(bytes)})`;
  const names = consumers.length === 0 ? '' : `: ${consumers.join(', ')}`;
  const verb = done ? 'removed' : 'would remove';
  const fed =
    dependents.length === 0
      ? ''
      : `loss: ${dependents.join(', ')} ${dependents.length === 1 ? 'gets' : 'get'} no more messages: a mirror or source of it\n`;
  return `${verb} the stream ${stream} with ${held} and ${formatAmount(consumerCount, 'consumer')}${names}\n${fed}`;
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

/** A consumer that went or would go, in one line. */
export function consumerRemovalText(removal: ConsumerRemoval): string {
  const { stream, consumer, pending, ackPending, done } = removal;
  const left = `${formatAmount(pending, 'message')} pending, ${formatCount(ackPending)} not acknowledged`;
  const first = `${done ? 'removed' : 'would remove'} the consumer ${consumer} of ${stream} (${left})`;
  const { losses, removed } = removal;
  if (losses === undefined) {
    return `${first}; whether messages go with it is not known: this user may not look at the stream\n`;
  }
  if (losses.length === 0) return `${first}; the messages stay\n`;
  const gone = removed === undefined ? '' : `removed: ${formatAmount(removed.count, 'message')}\n`;
  return `${first}\n${losses.map((loss) => `loss: ${loss}\n`).join('')}${gone}`;
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

/** What a purge took or would take, in one line. */
export function streamPurgeText(purge: StreamPurge): string {
  const { stream, choice, messages, bytes, expected, purged, purgedBytes } = purge;
  const of = `of ${formatAmount(messages, 'message')} (${formatByteSize(bytes)}) in the stream ${stream}`;
  if (purged !== undefined) {
    const size = purgedBytes === undefined ? '' : ` (${formatByteSize(purgedBytes)})`;
    return `purged ${formatCount(purged)}${size} ${of}${choiceText(choice)}\n`;
  }
  const amount = expected === undefined ? 'an unknown number' : formatCount(expected);
  return `would purge ${amount} ${of}${choiceText(choice)}\n`;
}

function choiceText({ filter, seq, keep }: PurgeChoice): string {
  const parts = [
    ...(filter === undefined ? [] : [`only ${printableText(filter)}`]),
    ...(seq === undefined ? [] : [`before sequence ${seq}`]),
    ...(keep === undefined ? [] : [`keeping the newest ${formatCount(keep)}`]),
  ];
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`;
}

export function streamPurgeJson(purge: StreamPurge): unknown {
  const { stream, choice, messages, bytes, expected, purged, purgedBytes } = purge;
  return {
    action: purged === undefined ? 'would-purge' : 'purged',
    stream,
    subject: choice.filter,
    seq: choice.seq,
    keep: choice.keep,
    messages,
    bytes,
    expected: expected ?? null,
    purged: purged ?? 0,
    purged_bytes: purgedBytes,
  };
}

/** A message that went or would go, in one line. */
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
