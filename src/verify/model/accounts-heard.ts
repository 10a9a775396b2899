import type { EndMark } from './end-mark.js';
import { NumberSet } from './number-set.js';
import type { ReceiverTally } from './receiver-tally.js';
import { SenderAccount } from './sender-account.js';
import type { TimeMarks } from './time-marks.js';

/** What a receiver knows about the senders of a run. */
export interface Heard {
  readonly endMarks: ReadonlyMap<number, EndMark>;
  readonly sentTimes: ReadonlyMap<number, TimeMarks>;
  readonly tallies: readonly ReceiverTally[];
}

/**
 * The senders' accounts, reconstructed from their messages and end marks. A publisher without an end mark is assumed to
 * have sent up to the highest number that arrived.
 */
export function accountsHeard({ endMarks, sentTimes, tallies }: Heard): readonly SenderAccount[] {
  const publishers = new Set([...endMarks.keys(), ...tallies.flatMap((one) => one.publishers)]);
  for (const { publishers: count } of endMarks.values()) {
    for (let publisher = 1; publisher <= count; publisher++) publishers.add(publisher);
  }
  return [...publishers]
    .sort((one, other) => one - other)
    .map((publisher) => accountOf(publisher, endMarks.get(publisher), sentTimes.get(publisher)));
}

function accountOf(
  publisher: number,
  mark: EndMark | undefined,
  times: TimeMarks | undefined,
): SenderAccount {
  const inDoubt = mark?.acknowledges === true ? mark.inDoubt : undefined;
  const account = new SenderAccount(
    publisher,
    inDoubt === undefined ? 'none' : 'acknowledged',
    times,
  );
  account.noteSeen(mark?.sent ?? 0);
  if (mark === undefined || inDoubt === undefined || mark.sent === 0) return account;
  const doubted = new NumberSet();
  for (const range of inDoubt) doubted.addRange(range);
  const all = new NumberSet();
  all.addRange({ from: 1, to: mark.sent });
  for (const range of all.missingFrom(doubted)) account.acknowledged.addRange(range);
  return account;
}

/** Whether the end mark of every publisher has arrived. */
export function allHaveEnded(endMarks: ReadonlyMap<number, EndMark>): boolean {
  const [first] = endMarks.values();
  return first !== undefined && endMarks.size >= first.publishers;
}
