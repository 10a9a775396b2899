import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  presentInHoles,
  SequenceAccount,
} from '../../../../src/recording/model/sequence-account.js';
import type { StreamState } from '../../../../src/streams/model/stream-info.js';

const LAST = 40;

/** A stream that has these sequences, and had all others up to LAST. */
function stateOf(held: ReadonlySet<number>): StreamState {
  const first = Math.min(LAST + 1, ...held);
  const between = Array.from({ length: LAST - first + 1 }, (_, place) => first + place);
  return {
    messages: held.size,
    bytes: 0,
    first_seq: first,
    first_ts: '',
    last_seq: LAST,
    last_ts: '',
    consumer_count: 0,
    deleted: between.filter((seq) => !held.has(seq)),
  };
}

function recorded(seqs: readonly number[]): SequenceAccount {
  const account = new SequenceAccount(1);
  for (const seq of seqs) account.add(seq);
  account.end(LAST);
  return account;
}

describe('what a stream holds in the holes of a recording', () => {
  it('is every message that it has and the recording has not, whatever was deleted', () => {
    const some = fc.uniqueArray(fc.integer({ min: 1, max: LAST }));
    fc.assert(
      fc.property(some, some, (held, wanted) => {
        const present = new Set(held);
        const taken = wanted.toSorted((a, b) => a - b);
        const found = presentInHoles(stateOf(present), recorded(taken).takeHoles());
        const seqs = found.flatMap(({ from, to }) =>
          Array.from({ length: to - from + 1 }, (_, place) => from + place),
        );
        const skipped = [...present].filter((seq) => !taken.includes(seq));
        expect(seqs).toEqual(skipped.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('an account of sequences', () => {
  it('counts holes, those in front and at the end included, and gives them away once', () => {
    const account = recorded([3, 4, 7, LAST - 1]);
    expect(account).toMatchObject({ messages: 4, firstSeq: 3, lastSeq: LAST - 1, holeCount: 4 });
    expect([...account.takeHoles()]).toEqual([
      { from: 1, to: 2 },
      { from: 5, to: 6 },
      { from: 8, to: LAST - 2 },
      { from: LAST, to: LAST },
    ]);
    expect(account.openHoles).toBe(0);
    account.end(LAST);
    expect(account.holeCount).toBe(4);
  });

  it('knows no hole in front when it is not known what is due first', () => {
    const account = new SequenceAccount();
    account.add(9);
    account.add(10);
    expect(account.holeCount).toBe(0);
  });
});
