import { expect, it } from 'vitest';

import { isOfItsOwn, ReplyNumbers } from '../../../../../src/streams/run/publish/reply-numbers.js';
import type { PublishAck } from '../../../../../src/streams/model/publish-ack.js';

const SIZE = 10;

const ack = (seq: number, differing: Partial<PublishAck> = {}): PublishAck => ({
  stream: 'S',
  seq,
  duplicate: false,
  ...differing,
});

/** Publishes messages to one subject, each of which is answered before the next, until numbers are used again. */
function trusting(): { readonly numbers: ReplyNumbers; readonly next: number } {
  const numbers = new ReplyNumbers(SIZE, true);
  for (let number = 0; number < 5_000; number++) {
    if (numbers.next(number, 'a', number).follows !== undefined)
      return { numbers, next: number + 1 };
    numbers.answered(
      { number, subject: 'a', state: 'waiting', attempts: 1 },
      ack(number + 1),
      number,
    );
  }
  throw new Error('it never came to trust');
}

it('uses a number again only after many answers and some time, and then in the same place', () => {
  const { numbers, next } = trusting();
  expect(next).toBeGreaterThan(1_000);
  const { reply, follows } = numbers.next(next, 'a', next);
  expect(reply % SIZE).toBe(next % SIZE);
  expect(reply).toBe(next - SIZE);
  expect(follows).toEqual(ack(next - SIZE + 1));

  const hasty = new ReplyNumbers(SIZE, true);
  for (let number = 0; number < 5_000; number++) {
    expect(hasty.next(number, 'a', 1)).toEqual({ reply: number, follows: undefined });
    hasty.answered({ number, subject: 'a', state: 'waiting', attempts: 1 }, ack(number + 1), 1);
  }
});

it('gives a new number where another answer may come', () => {
  const { numbers, next } = trusting();
  // Not answered at all, sent twice, answered when it was to be sent again, a repeat, another subject.
  const from = SIZE * Math.ceil(next / SIZE);
  for (let number = next; number < from + SIZE; number++) numbers.next(number, 'a', number);
  const answered = (place: number, state: 'due' | 'waiting', attempts: number): void =>
    numbers.answered(
      { number: from + place, subject: 'a', state, attempts },
      ack(from + place),
      1e6,
    );
  answered(1, 'waiting', 2);
  answered(2, 'due', 1);
  numbers.answered(
    { number: from + 3, subject: 'a', state: 'waiting', attempts: 1 },
    repeat(1),
    1e6,
  );
  answered(4, 'waiting', 1);
  answered(5, 'waiting', 1);
  const round = from + SIZE;
  for (const place of [0, 1, 2, 3]) {
    const number = round + place;
    expect(numbers.next(number, 'a', 1e6)).toEqual({ reply: number, follows: undefined });
  }
  expect(numbers.next(round + 4, 'b', 1e6)).toEqual({ reply: round + 4, follows: undefined });
  expect(numbers.next(round + 5, 'a', 1e6)).toMatchObject({ follows: ack(from + 5) });
});

const repeat = (seq: number): PublishAck => ack(seq, { duplicate: true });

it('gives a new number when the last answer was some time ago', () => {
  const { numbers, next } = trusting();
  const answered = (number: number): void =>
    numbers.answered({ number, subject: 'a', state: 'waiting', attempts: 1 }, ack(number), 5_000);
  numbers.next(next, 'a', 5_000);
  numbers.next(next + 1, 'a', 5_000);
  answered(next);
  answered(next + 1);
  for (let number = next + 2; number < next + SIZE; number++) numbers.next(number, 'a', 5_000);
  expect(numbers.next(next + SIZE, 'a', 5_100).follows).toBeDefined();
  expect(numbers.next(next + SIZE + 1, 'a', 5_101).follows).toBeUndefined();
});

it('goes by who stores the subjects when they change', () => {
  const { numbers, next } = trusting();
  const from = SIZE * Math.ceil(next / SIZE);
  for (let number = next; number < from + SIZE; number++) numbers.next(number, 'a', number);
  const answers = [
    ['a', ack(from)],
    ['b', ack(from + 1)],
    ['c', ack(1, { stream: 'T' })],
    ['d', ack(1, { domain: 'hub' })],
  ] as const;
  answers.forEach(([subject, answer], place) => {
    const number = from + place;
    numbers.answered({ number, subject, state: 'waiting', attempts: 1 }, answer, 1e6);
  });
  const round = from + SIZE;
  // All had the subject a when they were sent; now b is known to be stored where a is.
  expect(numbers.next(round, 'b', 1e6)).toMatchObject({ follows: ack(from) });
  expect(numbers.next(round + 1, 'unknown', 1e6).follows).toBeUndefined();
  expect(numbers.next(round + 2, 'b', 1e6).follows).toBeUndefined();
  expect(numbers.next(round + 3, 'c', 1e6).follows).toBeUndefined();
});

it('never repeats a number once an answer belonged to no message', () => {
  const { numbers, next } = trusting();
  numbers.distrust();
  numbers.watchAgain();
  for (let number = next; number < next + 5_000; number++) {
    expect(numbers.next(number, 'a', 1e6 + number)).toEqual({ reply: number, follows: undefined });
    numbers.answered(
      { number, subject: 'a', state: 'waiting', attempts: 1 },
      ack(number),
      1e6 + number,
    );
  }
});

it('watches again after the connection has changed', () => {
  const { numbers, next } = trusting();
  numbers.watchAgain();
  for (let number = next; number < next + 1_000; number++) {
    expect(numbers.next(number, 'a', 1e6 + number)).toEqual({ reply: number, follows: undefined });
    numbers.answered(
      { number, subject: 'a', state: 'waiting', attempts: 1 },
      ack(number),
      1e6 + number,
    );
  }
  expect(numbers.next(next + 1_000, 'a', 1e6 + next + 1_000).follows).toBeDefined();
});

it('keeps each number to its place when they start again', () => {
  const size = 7;
  const numbers = new ReplyNumbers(size, false);
  expect(numbers.modulus).toBeLessThanOrEqual(1e8);
  for (const number of [numbers.modulus - 1, numbers.modulus, numbers.modulus + 1]) {
    const { reply } = numbers.next(number, 'a', 1);
    expect(reply % size).toBe(number % size);
    expect(reply).toBe(number % numbers.modulus);
  }
});

it('takes no late answer to the message before', () => {
  const before = ack(7);
  const own = (answer: PublishAck): boolean => isOfItsOwn({ reply: 1, follows: before }, answer);
  expect(own(ack(8))).toBe(true);
  // A repeat has the place of the first message of its id.
  expect(own(repeat(3))).toBe(true);
  expect(own(repeat(7))).toBe(true);
  // A new leader acknowledges again what the old one has acknowledged.
  expect(own(ack(7))).toBe(false);
  expect(own(ack(6))).toBe(false);
  expect(own(ack(8, { stream: 'T' }))).toBe(false);
  expect(own(ack(8, { domain: 'hub' }))).toBe(false);
  expect(isOfItsOwn({ reply: 1, follows: undefined }, ack(1))).toBe(true);
});
