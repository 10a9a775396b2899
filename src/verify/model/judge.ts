import type { BatchCounts, BatchRecord, BatchState } from './batch-record.js';
import { NumberSet, type NumberRange } from './number-set.js';
import type { Corruption, ReceiverTally } from './receiver-tally.js';
import type { SenderAccount } from './sender-account.js';

/** Consecutive lost messages of one publisher. Times: when the first and last were sent, milliseconds since the epoch. */
export interface Gap {
  readonly publisher: number;
  readonly from: number;
  readonly to: number;
  readonly firstAtMs: number | undefined;
  readonly lastAtMs: number | undefined;
}

/** What one receiver received. */
export interface ReceiverOutcome {
  readonly name: string;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly corrupted: number;
}

/**
 * The result for all messages. Each has one fate: `sent = delivered + lost + inDoubt + notStored`. A message is delivered if every
 * receiver got it intact, lost if it was promised and a receiver did not get it, in doubt if it was neither promised nor
 * seen.
 */
export interface DeliveryOutcome {
  readonly sent: number;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly lost: number;
  readonly inDoubt: number;
  /** Messages that did not arrive, and of which the stream has said that it does not store them. */
  readonly notStored: number;
  /** Messages that arrived although the stream has said that it does not store them. */
  readonly denied: number;
  /** If messages were sent in batches. */
  readonly batches: BatchCounts | undefined;
  /** Messages that a receiver got more than once; they also count as delivered. */
  readonly duplicated: number;
  /** Further arrivals of messages that had already arrived. */
  readonly copies: number;
  /** Messages that arrived after a higher number of the same publisher and subject. */
  readonly outOfOrder: number;
  /** Messages that arrived with a wrong checksum. */
  readonly corrupted: number;
  readonly refused: number;
  readonly resent: number;
  /** Duplicates that the stream detected by their message id. */
  readonly recognized: number;
  readonly gaps: readonly Gap[];
  /** Number of gaps that are not listed, because there are too many. */
  readonly gapsOmitted: number;
  readonly corruptions: readonly Corruption[];
  readonly receivers: readonly ReceiverOutcome[];
}

/** A report with more places would not be readable. */
const MOST_GAPS = 10_000;

/** Compares what was sent with what arrived. */
export function judge(
  accounts: readonly SenderAccount[],
  receivers: readonly ReceiverTally[],
): DeliveryOutcome {
  for (const account of accounts) {
    for (const tally of receivers) account.noteSeen(tally.seen(account.publisher).highest);
  }
  const totals = { delivered: 0, lost: 0, duplicated: 0, gapsOmitted: 0, notStored: 0, denied: 0 };
  let torn = 0;
  const gaps: Gap[] = [];
  for (const account of accounts) {
    const { publisher } = account;
    const everywhere = NumberSet.common(receivers.map((tally) => tally.seen(publisher)));
    totals.delivered += everywhere.size;
    totals.duplicated += unionSize(receivers.map((tally) => tally.repeated(publisher)));
    const absent = rangesSize(account.unstored.missingFrom(everywhere));
    totals.notStored += absent;
    totals.denied += account.unstored.size - absent;
    torn += account.batches.filter((batch) => isTorn(batch, everywhere)).length;
    for (const { from, to } of account.promised().missingFrom(everywhere)) {
      totals.lost += to - from + 1;
      if (gaps.length === MOST_GAPS) totals.gapsOmitted += 1;
      else gaps.push(gapOf(account, from, to));
    }
  }
  const sent = sum(accounts, (account) => account.sent);
  return {
    ...totals,
    sent,
    acknowledged: sum(accounts, (account) => account.acknowledged.size),
    inDoubt: sent - totals.delivered - totals.lost - totals.notStored,
    batches: batchCounts(accounts, torn),
    copies: sum(receivers, (tally) => tally.copies),
    outOfOrder: sum(receivers, (tally) => tally.outOfOrder),
    corrupted: sum(receivers, (tally) => tally.corrupted),
    refused: sum(accounts, (account) => account.refused),
    resent: sum(accounts, (account) => account.resent),
    recognized: sum(accounts, (account) => account.recognized),
    gaps,
    corruptions: receivers.flatMap((tally) => tally.corruptions),
    receivers: receivers.map((tally) => receiverOutcome(accounts, tally)),
  };
}

function batchCounts(accounts: readonly SenderAccount[], torn: number): BatchCounts | undefined {
  const all = accounts.flatMap(({ batches }) => batches);
  if (all.length === 0) return undefined;
  const count = (wanted: BatchState): number => all.filter(({ state }) => state === wanted).length;
  return {
    committed: count('committed'),
    abandoned: count('abandoned'),
    unknown: count('unknown'),
    torn,
  };
}

/** Whether only a part of a batch arrived whose fate is unknown; of a committed one, that part is lost. */
function isTorn({ from, to, state, mode }: BatchRecord, everywhere: NumberSet): boolean {
  if (state !== 'unknown' || mode !== 'atomic') return false;
  let arrived = 0;
  for (let number = from; number <= to; number++) if (everywhere.has(number)) arrived += 1;
  return arrived > 0 && arrived < to - from + 1;
}

function rangesSize(ranges: Iterable<NumberRange>): number {
  let size = 0;
  for (const { from, to } of ranges) size += to - from + 1;
  return size;
}

/** Lost messages of one publisher, with consecutive numbers. */
export interface LostMessages extends NumberRange {
  readonly account: SenderAccount;
}

/** All messages that were promised and did not arrive at every receiver. */
export function* lostMessages(
  accounts: readonly SenderAccount[],
  receivers: readonly ReceiverTally[],
): Generator<LostMessages> {
  for (const account of accounts) {
    const seen = receivers.map((tally) => tally.seen(account.publisher));
    for (const range of account.promised().missingFrom(NumberSet.common(seen))) {
      yield { ...range, account };
    }
  }
}

function gapOf({ publisher, times }: SenderAccount, from: number, to: number): Gap {
  return { publisher, from, to, firstAtMs: times.at(from), lastAtMs: times.at(to) };
}

function receiverOutcome(
  accounts: readonly SenderAccount[],
  tally: ReceiverTally,
): ReceiverOutcome {
  const { name, distinct, outOfOrder, corrupted } = tally;
  let lost = 0;
  for (const account of accounts) {
    const seen = tally.seen(account.publisher);
    for (const { from, to } of account.promised().missingFrom(seen)) lost += to - from + 1;
  }
  const duplicated = sum(accounts, ({ publisher }) => tally.repeated(publisher).size);
  return { name, delivered: distinct, lost, duplicated, outOfOrder, corrupted };
}

function unionSize(sets: readonly NumberSet[]): number {
  const [first, ...others] = sets;
  if (others.length === 0) return first?.size ?? 0;
  const all = new NumberSet();
  for (const set of sets) {
    for (const range of set.missingFrom(new NumberSet())) all.addRange(range);
  }
  return all.size;
}

function sum<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
