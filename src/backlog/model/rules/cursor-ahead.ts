import { nearest } from '../evictions.js';
import type { ConsumerFacts } from '../consumer-facts.js';
import type { ConsumerSample, StreamSample } from '../../../streams/model/snapshot.js';
import { isAtLeast } from '../../../core/server-needs.js';
import { isOrdered, target } from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';
import { formatCount } from '../../../core/wording.js';

/** From this version on, servers find a position in a stream by time. */
const FINDS_TIMES = '2.11';

export const cursorAhead: ConsumerRule = {
  id: 'CURSOR_AHEAD',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'The consumer’s position is past the end of its stream. Nothing is pending, but new messages are skipped until the stream reaches that position.',
  signs:
    'The last delivered sequence or the ack floor is above the last sequence of the stream (on a mirror, also above what it still has to copy). This must be so in every sample, because a message may be stored between reading the stream and the consumer. Causes: a start sequence that the stream has not reached, a consumer that was moved too far, or a stream that lost messages or was restored.',
  advice:
    'Move the consumer back: to the time of its last delivery (--to accepts times) to receive what it missed, or to the end of the stream to continue with new messages only. An ordered consumer asks for its old position again whenever it is recreated: restart its client.',
  test: (facts) => {
    const ahead = aheadBy(facts);
    if (ahead === undefined) return undefined;
    const { position, lastSeq } = ahead;
    const skipped = position - lastSeq;
    const [messages, is] =
      skipped === 1 ? ['message', 'is'] : [`${formatCount(skipped)} messages`, 'are'];
    return {
      summary: `Its position is sequence ${formatCount(position)}, and the stream ends at ${formatCount(lastSeq)}: the next ${messages} ${is} skipped.`,
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
    // The client of an ordered consumer would ask for the same position again.
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
 * Messages stored since then were not delivered: since the last delivery, or since its creation if it never moved. A
 * consumer that was moved does not remember its earlier deliveries.
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
 * The consumer is read a little after its stream and may have received messages stored in between. Comparing its first
 * sample with the stream's last one rules this out; with one sample of each, its last delivery must be older.
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

/** What a mirror has yet to copy: a consumer may start there on purpose. */
function toCopy({ upstreams }: StreamSample): number {
  return upstreams.reduce((sum, { kind, lag }) => sum + (kind === 'mirror' ? lag : 0), 0);
}
