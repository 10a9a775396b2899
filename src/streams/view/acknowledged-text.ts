import { formatByteSize } from '../../core/values/byte-size.js';
import type { AcknowledgedResult } from '../model/acknowledged-result.js';
import { unacknowledgedCount } from '../model/acknowledged-result.js';
import type { AcknowledgedTotals, StoredRange } from '../model/publish-account.js';
import type { PublishFate } from '../model/publish-fate.js';
import { MESSAGE_ID } from '../../core/message/publish-headers.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import { jsonString } from '../../core/message/payload-json.js';
import { quoted } from '../../core/printable.js';
import { agree, formatCount, plural } from '../../core/wording.js';
import { publishProgress } from '../../messaging/view/publish-text.js';

/** `stored 3 messages in ORDERS, 5 to 7, 36 B`, or how many of them are new. */
export function acknowledgedSummary(result: AcknowledgedResult): string {
  const { stored, duplicates, recognized, payloadBytes, range } = result;
  const fresh = stored - duplicates;
  if (stored === 0 && keptNothing(result)) return 'stored nothing';
  const place = range === undefined ? '' : ` in ${placeText(range, fresh === 0 ? stored : fresh)}`;
  if (fresh === 0 && stored > 0) {
    const all = agree(stored, 'the message was', `all ${plural(stored, 'message')} were`);
    return `stored nothing new: ${all} already there,${place}`;
  }
  const parts = [
    duplicates === 0
      ? `stored ${plural(fresh, 'message')}${place}, ${formatByteSize(payloadBytes)}`
      : `stored ${plural(fresh, 'new message')}${place}`,
  ];
  if (duplicates > 0)
    parts.push(`${formatCount(duplicates)} ${agree(duplicates, 'was', 'were')} already there`);
  if (recognized > 0) parts.push(recognizedText(recognized));
  if (range?.val !== undefined) parts.push(`the counter is at ${range.val}`);
  return parts.join('; ');
}

function recognizedText(count: number): string {
  return `${formatCount(count)} ${agree(count, 'was sent again and detected as a duplicate', 'were sent again and detected as duplicates')}`;
}

function keptNothing({ notKept = [] }: AcknowledgedResult): boolean {
  return notKept.length > 0;
}

/** A line for each stream that did not keep acknowledged messages. */
export function notKeptLines({ notKept = [] }: AcknowledgedResult): readonly string[] {
  return notKept.map(({ stream, messages: count, subject, subjects }) => {
    const more = subjects === 1 ? '' : ` and ${formatCount(subjects - 1)} more`;
    return `${plural(count, 'message')} acknowledged, but not kept: the interest stream ${stream} has no consumer for ${quoted(subject)}${more}`;
  });
}

/** One document with the counts. */
export function acknowledgedJson(result: AcknowledgedResult): unknown {
  const { range } = result;
  return {
    stored: result.stored,
    // A stream does not say which messages of a fast batch it had already.
    ...(result.batch?.mode === 'fast'
      ? {}
      : { duplicates: result.duplicates, recognized: result.recognized }),
    refused: result.refused,
    ...(result.batch === undefined ? {} : { lost: result.lost }),
    in_doubt: result.inDoubt,
    unsent: result.unsent,
    payload_bytes: result.payloadBytes,
    duration_ms: Math.round(result.durationMs * 1000) / 1000,
    ...(range === undefined
      ? {}
      : {
          stream: range.stream,
          ...(range.domain !== undefined && { domain: range.domain }),
          ...(range.first !== undefined && { first_seq: range.first }),
          last_seq: range.last,
          ...(range.val !== undefined && { val: range.val }),
        }),
    ...notKeptJson(result),
    ...batchJson(result),
    unacknowledged: result.unacknowledged.map(({ first, last, subject, fate, error }) => ({
      first,
      last,
      subject,
      fate,
      error: error.message,
    })),
  };
}

function batchJson({ batch }: AcknowledgedResult): object {
  if (batch === undefined) return {};
  const { mode, id, outcome, gaps } = batch;
  return {
    batch: { mode, ...(id !== undefined && { id }), outcome },
    ...(mode === 'fast' && { gaps }),
  };
}

function notKeptJson({ notKept = [] }: AcknowledgedResult): object {
  if (notKept.length === 0) return {};
  return {
    not_kept: notKept.reduce((sum, one) => sum + one.messages, 0),
    not_kept_by: notKept.map(({ stream, subject, subjects, messages: count }) => ({
      stream,
      subject,
      subjects,
      messages: count,
    })),
  };
}

/** The fate of a message as a line of JSON, without a line feed. @param index from 0 */
export function ackLine(index: number, message: OutgoingMessage, fate: PublishFate): string {
  const [id] = message.headers?.get(MESSAGE_ID) ?? [];
  const idMember = id === undefined ? '' : `,"msg_id":${jsonString(id)}`;
  const head = `{"message":${index + 1},"subject":${jsonString(message.subject)}${idMember}`;
  if (fate.type !== 'stored') {
    return `${head},"fate":"${fate.type}","error":${jsonString(fate.error.message)}}`;
  }
  const { stream, domain, seq, duplicate, val } = fate.ack;
  const place = domain === undefined ? '' : `,"domain":${jsonString(domain)}`;
  const counter = val === undefined ? '' : `,"val":${jsonString(val)}`;
  return `${head},"stream":${jsonString(stream)}${place},"seq":${seq},"duplicate":${duplicate}${counter}}`;
}

/** Messages without an acknowledgement, consecutive ones in one line; the first few. */
export function unacknowledgedLines(result: AcknowledgedResult): readonly string[] {
  const lines = result.unacknowledged.map((row) =>
    row.first === row.last
      ? `message ${row.first} (${quoted(row.subject)}) ${FATES[row.fate].one}: ${row.error.message}`
      : `messages ${row.first} to ${row.last} ${FATES[row.fate].many}: ${row.error.message}`,
  );
  const listed = result.unacknowledged.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const more = unacknowledgedCount(result) - listed;
  return more === 0 ? lines : [...lines, `… and ${formatCount(more)} more`];
}

const FATES = {
  refused: { one: 'was refused', many: 'were refused' },
  lost: { one: 'did not arrive', many: 'did not arrive' },
  'in-doubt': { one: 'may be stored', many: 'may be stored' },
  unsent: { one: 'was not sent', many: 'were not sent' },
} as const;

/** A line for a terminal that shows the progress. */
export function acknowledgedProgress(
  { stored }: Pick<AcknowledgedTotals, 'stored'>,
  elapsedMs: number,
  goal: number | undefined,
): string {
  return publishProgress({ sent: stored }, elapsedMs, goal);
}

function placeText({ stream, domain, first, last }: StoredRange, stored: number): string {
  const name = domain === undefined ? stream : `${stream} (domain ${domain})`;
  if (stored === 1) return `${name} at ${last}`;
  return first === undefined ? `${name}, up to ${last}` : `${name}, ${first} to ${last}`;
}
