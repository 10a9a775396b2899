import { NatsxError } from '../../../core/errors.js';
import { API_CODE, apiCodeOf } from '../../model/api-failure.js';
import type { SkipChange } from '../../model/consumer-change.js';
import type { ConsumerInfo } from '../../model/consumer-info.js';
import { filtersOf, interestLoss, lostInterest, wantedBy } from '../../model/interest.js';
import { totalLoss, type Loss, type LossRange } from '../../model/losses.js';
import type { StreamInfo } from '../../model/stream-info.js';
import { stringifyExactJson } from '../../../core/message/exact-json.js';
import { checkExactSequences } from '../../model/sequence.js';
import { openBacklogRequests } from '../api/requests.js';
import { canReset, resetConsumer } from '../api/consumer-control.js';
import { countStored, firstStoredAt, type Counting } from '../api/count-stored.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { createConsumer, deleteConsumer } from '../api/jetstream-consumers.js';
import { readConsumer, readStream } from '../api/jetstream-entities.js';
import { changeOf, look, type ControlPort, type ControlTarget } from './control-target.js';
import { otherConsumers } from './other-consumers.js';
import { removedMessages } from './removed-messages.js';
import { agree } from '../../../core/wording.js';

/** Where a consumer continues: at a sequence, at a time, or with the next message that is stored. */
export type SkipTarget = { readonly seq: number } | { readonly timeMs: number } | 'end';

/**
 * Lets the consumer continue at a sequence, at a time, or after the newest message; earlier messages are not delivered.
 * Newer servers move the position; on older ones, and where the consumer's deliver policy forbids the place, the
 * consumer is recreated with the same settings and another start.
 *
 * @throws {NatsxError} rejected — the sequence is beyond the end of the stream, where new messages would be skipped too;
 *   the time is in the future; a work queue on an older server, where a consumer can only start at the beginning
 */
export async function skip(
  port: ControlPort,
  target: ControlTarget,
  to: SkipTarget,
): Promise<SkipChange> {
  const { api, info } = await look(port, target);
  const stream = await readStream(api, target.stream, { deleted_details: true });
  checkExactSequences(stream);
  const seq = await sequenceAt({ api, stream }, to);
  const removes = stream.config.retention === 'interest';
  const place = { info, stream, seq };
  if (!mayMove(api, place)) rejectRecreation(api, place);
  const move = await skippedBy(countingOn(port, target, api), place);
  const losses = removes ? await skipLosses(api, place, move.skipped) : [];
  const total = totalLoss(losses, stream.state.messages);
  const moved = target.apply ? await moveTo(api, target, place) : mayMove(api, place);
  if (target.apply) await checkMoved(api, target, seq);
  return {
    ...changeOf('skip', target),
    losses: [...losses.map(({ text }) => text), ...left(stream.config.retention, move.skipped)],
    ...(total.most > 0 && { removes: total }),
    ...(total.most > 0 && target.apply && { removed: await removedMessages(api, stream, total) }),
    toSeq: seq,
    ...move,
    inFlight: info.num_ack_pending,
    recreated: !moved,
  };
}

interface Place {
  readonly info: ConsumerInfo;
  readonly stream: StreamInfo;
  /** The first sequence that the consumer gets. */
  readonly seq: number;
}

function countingOn(port: ControlPort, { scope }: ControlTarget, api: JetStreamApi): Counting {
  return { api, requests: openBacklogRequests(port, scope) };
}

async function sequenceAt(
  { api, stream }: { readonly api: JetStreamApi; readonly stream: StreamInfo },
  to: SkipTarget,
): Promise<number> {
  const { first_seq: first, last_seq: last, messages } = stream.state;
  if (to === 'end') return last + 1;
  if ('timeMs' in to) {
    rejectFuture(stream, to.timeMs);
    return firstStoredAt(api, stream, to.timeMs);
  }
  if (to.seq <= last + 1) return to.seq;
  const name = stream.config.name;
  const range =
    messages === 0
      ? `the stream is empty; its last sequence was ${last}`
      : `the stream's sequences are ${first} to ${last}`;
  throw new NatsxError('rejected', `"${name}" has no message ${to.seq} yet: ${range}`, {
    hint: `new messages would be skipped as well; --to end continues after message ${last}`,
    details: { stream: name, first_seq: first, last_seq: last, messages },
  });
}

/** As with a sequence beyond the end: messages that are stored until then should be skipped, but would be delivered. */
function rejectFuture({ config, ts }: StreamInfo, timeMs: number): void {
  const serverMs = ts === undefined ? 0 : Date.parse(ts);
  // Where the clocks differ, the later one counts.
  if (timeMs <= Math.max(serverMs, Date.now())) return;
  throw new NatsxError(
    'rejected',
    `"${config.name}" has no message of ${new Date(timeMs).toISOString()} yet: that time is in the future`,
    { hint: '--to end continues after the last message' },
  );
}

interface Move {
  /** Messages that are not delivered and would have been. */
  readonly skipped: LossRange;
  /** Messages that were delivered and are delivered again. */
  readonly again: LossRange;
}

const NONE: LossRange = { least: 0, most: 0 };

/**
 * Counts the messages between the consumer's ack floor and the new position, without those that were acknowledged out
 * of order. The server does not say which ones these are, so a position among them leaves a range.
 */
async function skippedBy(counting: Counting, { info, stream, seq }: Place): Promise<Move> {
  const ahead = info.delivered.stream_seq + 1;
  // With nothing in flight everything before is settled; older servers leave the floor of a consumer with a later
  // start at 0.
  const floor = info.num_ack_pending === 0 ? ahead : info.ack_floor.stream_seq + 1;
  const from = Math.max(floor, stream.state.first_seq);
  const filters = filtersOf(info.config);
  const count = (start: number, end: number): Promise<number | undefined> =>
    countStored(counting, { info: stream, filters, from: start, to: end });
  const again = seq < ahead ? rangeOf(await count(seq, ahead), ahead - seq) : NONE;
  if (seq <= from) return { skipped: NONE, again };
  // After everything: the server has counted already, whatever the consumer delivers.
  if (seq > stream.state.last_seq) return { skipped: exactly(wantedBy(info)), again };
  const [passed, delivered] = await Promise.all([count(from, seq), count(from, ahead)]);
  if (passed === undefined || delivered === undefined)
    return { skipped: { least: 0, most: Math.min(seq - from, wantedBy(info)) }, again };
  const acknowledged = Math.max(0, delivered - info.num_ack_pending);
  const least = Math.max(0, passed - acknowledged);
  return { skipped: seq >= ahead ? exactly(least) : { least, most: passed }, again };
}

/** A count, or what is known without it. */
function rangeOf(count: number | undefined, most: number): LossRange {
  return count === undefined ? { least: 0, most } : exactly(count);
}

function exactly(count: number): LossRange {
  return { least: count, most: count };
}

/** On a stream with interest retention the server removes what no consumer waits for. */
async function skipLosses(
  api: JetStreamApi,
  { info, stream }: Place,
  range: LossRange,
): Promise<readonly Loss[]> {
  if (range.most === 0) return [];
  const others = await otherConsumers(api, info);
  const lost = lostInterest(
    { messages: stream.state.messages, others },
    { range, filters: filtersOf(info.config) },
  );
  return lost.most === 0 ? [] : [{ text: interestLoss(lost, others !== undefined), ...lost }];
}

/** A work queue keeps the skipped messages, and no other consumer may have them. */
function left(retention: string | undefined, { most }: LossRange): readonly string[] {
  if (retention !== 'workqueue' || most === 0) return [];
  const stay = agree(most, 'the skipped message stays', 'the skipped messages stay');
  return [`${stay} in the work queue, and no consumer gets them`];
}

/** Servers move a consumer only to where its deliver policy could have let it begin. */
function mayMove(api: JetStreamApi, { info, seq }: Pick<Place, 'info' | 'seq'>): boolean {
  if (!canReset(api)) return false;
  const { deliver_policy: policy, opt_start_seq: start } = info.config;
  if (policy === 'by_start_sequence') return typeof start !== 'number' || seq >= start;
  return policy === undefined || policy === 'all' || policy === 'by_start_time';
}

/** @throws {NatsxError} rejected — the consumer would have to be recreated, which would remove messages */
function rejectRecreation(api: JetStreamApi, { info, stream }: Place): void {
  if ((stream.config.retention ?? 'limits') === 'limits') return;
  const old = !canReset(api);
  const why = old
    ? 'on this kind of stream an older server lets consumers start only at the beginning'
    : `a server moves a consumer only to where its deliver policy lets it begin (${String(info.config.deliver_policy)}), and on this kind of stream recreating it would remove messages`;
  throw new NatsxError('rejected', `the consumer "${info.name}" cannot skip: ${why}`, {
    hint: old
      ? 'remove the messages with natsx stream purge, or update the server to 2.14'
      : 'create another consumer with the wanted start before you remove this one',
  });
}

/** @returns whether it was moved; else it was recreated */
async function moveTo(api: JetStreamApi, target: ControlTarget, place: Place): Promise<boolean> {
  const { info, seq, stream } = place;
  if (mayMove(api, place)) {
    try {
      await resetConsumer(api, target, seq);
      return true;
    } catch (error) {
      const mayRecreate = (stream.config.retention ?? 'limits') === 'limits';
      if (apiCodeOf(error) !== API_CODE.resetRefused || !mayRecreate) throw error;
    }
  }
  const rest = Object.fromEntries(
    Object.entries(info.config).filter(([key]) => key !== 'opt_start_time'),
  );
  const config = {
    ...rest,
    name: info.name,
    deliver_policy: 'by_start_sequence',
    opt_start_seq: seq,
  };
  await deleteConsumer(api, target.stream, target.consumer);
  try {
    await createConsumer(api, target.stream, config);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NatsxError(
      'rejected',
      `the consumer "${target.consumer}" of "${target.stream}" was removed and could not be created again: ${reason}`,
      {
        hint: `create it with natsx consumer create ${target.stream} ${target.consumer} --config FILE, from ${stringifyExactJson(config)}`,
        cause: error,
      },
    );
  }
  return false;
}

/** Compares the consumer's position with the requested one. */
async function checkMoved(api: JetStreamApi, target: ControlTarget, seq: number): Promise<void> {
  const { delivered } = await readConsumer(api, target.stream, target.consumer);
  // Clients continue at once, so it may be further by now.
  if (delivered.stream_seq >= seq - 1) return;
  throw new NatsxError(
    'rejected',
    `the server did not move "${target.consumer}" of "${target.stream}" to ${seq}: it continues at ${delivered.stream_seq + 1}`,
  );
}
