import type { ConsumerFacts } from '../consumer-facts.js';
import { count, plural } from '../../../core/findings/wording.js';
import { isAtLeast } from '../../../core/server-needs.js';
import { shellWord } from '../../../core/shell-word.js';
import { target } from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';

export const exhausted: ConsumerRule = {
  id: 'EXHAUSTED',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'Messages were tried as often as max_deliver allows and were given up. They are in no backlog, and they are still stored.',
  signs:
    'More messages are known as redelivered than are in flight, with max_deliver set; or the server announced it; or a work queue keeps messages that are neither pending nor in flight.',
  advice:
    'Look at them and find out why they failed. Moving the consumer back to the first of them delivers them again, and in a log also what was acknowledged since; what can never succeed is better deleted.',
  test: (facts) => {
    const { last, extras } = facts;
    if (last.config.maxDeliver === undefined || last.config.ackPolicy !== 'explicit')
      return undefined;
    const announced = extras.advisories?.exhaustedSeqs ?? [];
    const known = Math.max(0, last.redelivered - last.ackPending);
    const given = Math.max(known, announced.length, strandedBehind(facts));
    if (given === 0) return undefined;
    return {
      summary: `${plural(given, 'message')} ${given === 1 ? 'was' : 'were'} given up after ${plural(last.config.maxDeliver, 'delivery').replace('deliverys', 'deliveries')} and ${given === 1 ? 'is' : 'are'} still stored${whereGivenUp(facts)}.`,
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
    const heard = facts.extras.advisories?.exhaustedSeqs ?? [];
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

/** Given-up messages hold the ack floor, so that the first of them stands right above it; some servers let it go on. */
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
    ? `, at sequence ${count(reach.from)}`
    : `, among sequences ${count(reach.from)} to ${count(reach.to)}`;
}

/** Since then a server moves a consumer also on streams that remove what is acknowledged. */
const MOVES_QUEUES = '2.14';

function mayGoBack({ streamLast, serverVersion }: ConsumerFacts): boolean {
  return streamLast?.config.retention === 'limits' || isAtLeast(serverVersion, MOVES_QUEUES);
}

/** What a work queue still stores for its only consumer although nothing is pending or in flight; in every sample. */
function strandedBehind(facts: ConsumerFacts): number {
  const { streamLast, samples, siblings, last, streamSeries } = facts;
  if (streamLast?.config.retention !== 'workqueue' || siblings !== 1) return 0;
  if (last.config.filters.length > 0 || (facts.motion?.settled ?? 1) > 0) return 0;
  const least = Math.min(...samples.map((sample) => sample.pending + sample.ackPending));
  const stored = Math.min(...streamSeries.samples.map((sample) => sample.messages));
  const most = Math.max(...samples.map((sample) => sample.pending + sample.ackPending));
  return least === most ? Math.max(0, stored - most) : 0;
}
