import { nearest } from '../evictions.js';
import type { ConsumerFacts } from '../consumer-facts.js';
import type { ConsumerSample, StreamSample } from '../../../streams/model/snapshot.js';
import { isAtLeast } from '../../../core/server-needs.js';
import { count } from '../../../core/findings/wording.js';
import { isOrdered, target } from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';

/** Since then a place in a stream is found by its time. */
const FINDS_TIMES = '2.11';

export const cursorAhead: ConsumerRule = {
  id: 'CURSOR_AHEAD',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'The consumer’s position lies beyond the end of its stream. Nothing is pending for it, and yet it does not get what is published: everything up to its position is skipped.',
  signs:
    'The last delivered sequence, or the ack floor, is above the last sequence of the stream (on a mirror: also above what it still has to copy). Seen in every reading, as a message may come in between reading the stream and the consumer. Causes: a start sequence that the stream has not reached, a consumer that was moved too far, a stream that lost messages or was restored.',
  advice:
    'Move the consumer back: to the time of its last delivery (--to takes times) to get what it missed, or to the end of the stream to go on with new messages only. An ordered consumer asks for its old position again whenever it is recreated: restart its client.',
  test: (facts) => {
    const ahead = aheadBy(facts);
    if (ahead === undefined) return undefined;
    const { position, lastSeq } = ahead;
    const skipped = position - lastSeq;
    const [messages, is] =
      skipped === 1 ? ['message', 'is'] : [`${count(skipped)} messages`, 'are'];
    return {
      summary: `It stands at sequence ${count(position)}, and the stream ends at ${count(lastSeq)}: the next ${messages} ${is} skipped.`,
      evidence: {
        position,
        delivered_seq: facts.last.delivered.streamSeq,
        ack_floor_seq: facts.last.ackFloor.streamSeq,
        last_seq: lastSeq,
        will_skip: skipped,
        start_seq: facts.last.config.startSeq,
      },
    };
  },
  remedy: (facts) => {
    const { streamLast, serverVersion } = facts;
    // Its client would ask for the same position again.
    if (streamLast === undefined || isOrdered(facts.last))
      return [`natsx backlog ${target(facts)}`];
    const skip = `natsx consumer skip ${target(facts)} --to`;
    const since = missedSince(facts);
    const missed =
      since !== undefined && streamLast.messages > 0 && isAtLeast(serverVersion, FINDS_TIMES);
    return [
      ...(missed ? [`${skip} ${new Date(since).toISOString()} --yes`] : []),
      `${skip} ${String(streamLast.lastSeq + 1)} --yes`,
    ];
  },
};

/**
 * What was stored since then was not delivered: since the last delivery, or since it exists where it never moved. One
 * that was moved has forgotten what it had delivered before.
 */
function missedSince({ last }: ConsumerFacts): number | undefined {
  const { delivered, config, createdMs } = last;
  if (delivered.consumerSeq > 0) return delivered.lastActiveMs;
  return config.startSeq === positionOf(last) + 1 ? createdMs : undefined;
}

interface Ahead {
  readonly position: number;
  readonly lastSeq: number;
}

/**
 * The consumer is read a little after its stream, so that it may have got what came in between. Its first reading
 * against the stream's last one cannot be wrong that way; with one reading of each its last delivery must be older.
 */
function aheadBy({ samples, streamSeries }: ConsumerFacts): Ahead | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  const stream = streamSeries.samples.at(-1);
  if (first === undefined || last === undefined || stream === undefined) return undefined;
  const end = stream.lastSeq + toCopy(stream);
  if (positionOf(last) <= end || positionOf(first) <= end) return undefined;
  const settled = samples.length > 1 && streamSeries.samples.length > 1;
  if (!settled && !isOlder(last, nearest(streamSeries.samples, last.atMs))) return undefined;
  return { position: positionOf(last), lastSeq: stream.lastSeq };
}

function isOlder({ delivered }: ConsumerSample, stream: StreamSample | undefined): boolean {
  return stream !== undefined && (delivered.lastActiveMs ?? 0) < stream.atMs;
}

function positionOf({ delivered, ackFloor }: ConsumerSample): number {
  return Math.max(delivered.streamSeq, ackFloor.streamSeq);
}

/** What a copy has yet to get: a consumer may begin there on purpose. */
function toCopy({ upstreams }: StreamSample): number {
  return upstreams.reduce((sum, { kind, lag }) => sum + (kind === 'mirror' ? lag : 0), 0);
}
