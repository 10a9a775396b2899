import type { ConsumerFacts } from '../consumer-facts.js';
import { isAtLeast } from '../../../core/server-needs.js';
import { target } from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';
import { agree, formatCount, plural } from '../../../core/wording.js';
import { shellWord } from '../../../core/printable.js';

export const exhausted: ConsumerRule = {
  id: 'EXHAUSTED',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'Messages reached max_deliver and were given up. They are no longer in any backlog, but they are still stored.',
  signs:
    'With max_deliver set, more messages count as redelivered than are in flight; or the server announced it; or a work queue keeps messages that are neither pending nor in flight.',
  advice:
    'Inspect them and find out why they failed. Moving the consumer back to the first of them delivers them again; with limits retention, also everything that was acknowledged since. Delete what can never succeed.',
  test: (facts) => {
    const { last, lookups } = facts;
    if (last.config.maxDeliver === undefined || last.config.ackPolicy !== 'explicit')
      return undefined;
    const announced = lookups.advisories?.exhaustedSeqs ?? [];
    const known = Math.max(0, last.redelivered - last.ackPending);
    const given = Math.max(known, announced.length, strandedBehind(facts));
    if (given === 0) return undefined;
    return {
      summary: `${plural(given, 'message')} ${agree(given, 'was', 'were')} given up after ${last.config.maxDeliver === 1 ? '1 delivery' : `${formatCount(last.config.maxDeliver)} deliveries`} and ${agree(given, 'is', 'are')} still stored${whereGivenUp(facts)}.`,
      evidence: {
        exhausted: given,
        from_seq: givenUpSpan(facts)?.from,
        to_seq: givenUpSpan(facts)?.to,
        redelivered: last.redelivered,
        ack_pending: last.ackPending,
        max_deliver: last.config.maxDeliver,
        seqs: announced.slice(0, 10),
      },
    };
  },
  remedy: (facts) => {
    const heard = facts.lookups.advisories?.exhaustedSeqs ?? [];
    const stream = shellWord(facts.stream);
    const reach = givenUpSpan(facts);
    const look =
      reach === undefined
        ? []
        : [
            `natsx sub${facts.last.config.filters.map((filter) => ` ${shellWord(filter)}`).join('')} --stream ${stream} --from-seq ${String(reach.from)} --to-seq ${String(reach.to)} --until-end`,
          ];
    return [
      ...heard.slice(0, 3).map((seq) => `natsx stream get ${stream} ${String(seq)}`),
      ...look,
      ...(reach === undefined || !mayGoBack(facts)
        ? []
        : [`natsx consumer skip ${target(facts)} --to ${String(reach.from)} --yes`]),
    ];
  },
};

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Given-up messages hold the ack floor, so the first of them is right above it; some servers let the floor advance. */
function givenUpSpan({ last, streamLast }: ConsumerFacts): Span | undefined {
  const { ackFloor, delivered } = last;
  const above = ackFloor.streamSeq < delivered.streamSeq ? ackFloor.streamSeq + 1 : 1;
  const from = Math.max(above, streamLast?.firstSeq ?? 1);
  return from <= delivered.streamSeq ? { from, to: delivered.streamSeq } : undefined;
}

function whereGivenUp(facts: ConsumerFacts): string {
  const reach = givenUpSpan(facts);
  if (reach === undefined) return '';
  return reach.from === reach.to
    ? `, at sequence ${formatCount(reach.from)}`
    : `, among sequences ${formatCount(reach.from)} to ${formatCount(reach.to)}`;
}

/** From this version on, servers also move consumers of streams that remove acknowledged messages. */
const MOVES_QUEUES = '2.14';

function mayGoBack({ streamLast, serverVersion }: ConsumerFacts): boolean {
  return streamLast?.config.retention === 'limits' || isAtLeast(serverVersion, MOVES_QUEUES);
}

/** Messages that a work queue still stores for its only consumer, in every sample, beyond those pending and in flight. */
function strandedBehind(facts: ConsumerFacts): number {
  const { streamLast, samples, siblings, last, streamSeries } = facts;
  if (streamLast?.config.retention !== 'workqueue' || siblings !== 1) return 0;
  if (last.config.filters.length > 0 || (facts.motion?.settled ?? 1) > 0) return 0;
  const least = Math.min(...samples.map((sample) => sample.pending + sample.ackPending));
  const stored = Math.min(...streamSeries.samples.map((sample) => sample.messages));
  const most = Math.max(...samples.map((sample) => sample.pending + sample.ackPending));
  return least === most ? Math.max(0, stored - most) : 0;
}
