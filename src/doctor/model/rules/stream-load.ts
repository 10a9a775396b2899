import { formatByteSize } from '../../../core/values/byte-size.js';
import type { StreamAudit } from '../facts.js';
import type { StreamAuditRule } from './stream-loss.js';
import { formatCount, formatPercent, plural } from '../../../core/wording.js';
import { shellWord } from '../../../core/printable.js';

interface Fill {
  readonly limit: string;
  readonly used: number;
  readonly most: number;
  readonly text: string;
}

export const streamLimitNear: StreamAuditRule = {
  id: 'STREAM_LIMIT_NEAR',
  area: 'bottlenecks',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'The stream is close to a limit. At the limit, publishers get an error, or no further consumer can be created.',
  signs:
    'Discard is "new" and at least 80% of max_msgs or max_bytes is used, or at least 80% of max_consumers; critical from 95%. A stream that discards old messages is meant to be full.',
  advice: 'Raise the limit, remove what is not needed, or let consumers catch up.',
  test: (facts) => {
    const { name, thresholds } = facts;
    const fullest = fills(facts).toSorted((a, b) => b.used / b.most - a.used / a.most)[0];
    if (fullest === undefined) return undefined;
    const share = fullest.used / fullest.most;
    if (share < thresholds.limitNearShare) return undefined;
    return {
      severity: share >= thresholds.limitReachedShare ? 'critical' : 'warning',
      summary: `${formatPercent(share)} of ${fullest.limit} of ${name} is used (${fullest.text}); ${fullest.limit === 'max_consumers' ? 'no further consumers can be created' : 'publishes are rejected'} at the limit.`,
      evidence: { limit: fullest.limit, used: fullest.used, most: fullest.most, share },
    };
  },
  remedy: (facts) => [
    `natsx stream edit ${shellWord(facts.name)} ${raised(facts)} --yes`,
    `natsx backlog ${shellWord(facts.name)}`,
  ],
};

function fills({ last }: StreamAudit): readonly Fill[] {
  const { config, messages, bytes, consumerCount } = last;
  const refuses = config.discard === 'new';
  const list: Fill[] = [];
  const add = (limit: string, used: number, most: number | undefined, text: string): void => {
    if (most !== undefined) list.push({ limit, used, most, text });
  };
  if (refuses) {
    add('max_msgs', messages, config.maxMessages, plural(messages, 'message'));
    add('max_bytes', bytes, config.maxBytes, formatByteSize(bytes));
  }
  // A limit of a few is by design ("one reader"), and meant to be used up.
  const few = 5;
  if ((config.maxConsumers ?? 0) >= few)
    add('max_consumers', consumerCount, config.maxConsumers, plural(consumerCount, 'consumer'));
  return list;
}

function raised(facts: StreamAudit): string {
  const { maxMessages, maxBytes, maxConsumers } = facts.last.config;
  const limit = fills(facts).toSorted((a, b) => b.used / b.most - a.used / a.most)[0]?.limit;
  if (limit === 'max_bytes') return `--max-bytes ${String(2 * (maxBytes ?? 0))}`;
  if (limit === 'max_consumers') return `--max-consumers ${String(2 * (maxConsumers ?? 0))}`;
  return `--max-msgs ${String(2 * (maxMessages ?? 0))}`;
}

export const subjectDominates: StreamAuditRule = {
  id: 'SUBJECT_DOMINATES',
  area: 'bottlenecks',
  severity: 'info',
  scope: 'stream',
  meaning:
    'One subject has most of the stream’s messages. Whatever is divided by subject (consumers with filters, partitions, limits per subject) is divided unevenly.',
  signs:
    'At least 1,000 messages on at least three subjects, and one of them has half of the messages or more.',
  advice: 'Partition by another token, or give that subject its own stream.',
  test: ({ name, subjects, last, thresholds }) => {
    const most = subjects?.reduce((best, one) => (one.messages > best.messages ? one : best), {
      subject: '',
      messages: 0,
    });
    if (subjects === undefined || most === undefined || subjects.length < 3) return undefined;
    const share = most.messages / Math.max(1, last.messages);
    if (last.messages < thresholds.subjectMessages || share < thresholds.subjectShare)
      return undefined;
    return {
      summary: `${formatPercent(share)} of the messages in ${name} are on ${most.subject}; the other ${plural(subjects.length - 1, 'subject')} share the rest.`,
      evidence: {
        subject: most.subject,
        messages: most.messages,
        share,
        subjects: subjects.length,
      },
    };
  },
  remedy: ({ name }) => [`natsx backlog subjects ${shellWord(name)}`],
};

export const giantMessages: StreamAuditRule = {
  id: 'GIANT_MESSAGES',
  area: 'bottlenecks',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'The messages are so large that each one delays everything behind it on a connection, and replication between servers.',
  signs:
    'The average message is 256 KiB or more (a note) or 1 MiB or more (a warning); or one of ten messages sampled evenly from each of the twenty largest streams is 256 KiB or more (a note). A rare large message among many small ones is not found.',
  advice: 'Keep large payloads in an object store, and send a reference to them.',
  test: (facts) => {
    const { name, last, thresholds } = facts;
    if (last.messages === 0) return undefined;
    const average = last.bytes / last.messages;
    if (average < thresholds.giantBytes) return sampledGiant(facts, average);
    return {
      severity: average >= thresholds.hugeBytes ? 'warning' : 'info',
      summary: `Messages in ${name} average ${formatByteSize(Math.round(average))} (${plural(last.messages, 'message')}, ${formatByteSize(last.bytes)}).`,
      evidence: { average_bytes: average, messages: last.messages, bytes: last.bytes },
    };
  },
  remedy: ({ name, sizes }) => [
    `natsx stream get ${shellWord(name)} ${sizes === undefined ? "--last-for '>'" : String(sizes.largest.seq)}`,
  ],
};

function sampledGiant(
  { name, sizes, thresholds }: StreamAudit,
  average: number,
): ReturnType<StreamAuditRule['test']> {
  if (sizes === undefined || sizes.largest.sizeBytes < thresholds.giantBytes) return undefined;
  const { largest, looked } = sizes;
  return {
    severity: 'info',
    summary: `A message in ${name} is ${formatByteSize(largest.sizeBytes)} (sequence ${String(largest.seq)} on ${largest.subject}), one of ${formatCount(looked)} that were sampled; the average is ${formatByteSize(Math.round(average))}.`,
    evidence: {
      largest_bytes: largest.sizeBytes,
      sequence: largest.seq,
      subject: largest.subject,
      looked_at: looked,
      average_bytes: average,
    },
  };
}
