import { expect, it } from 'vitest';

import { isOfItsOwn, ReplyNumbers } from '../../../../src/app/acknowledged/reply-numbers.js';
import type { PublishAck } from '../../../../src/domain/jetstream/publish-ack.js';

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
    if (numbers.next(number, 'a').follows !== undefined) return { numbers, next: number + 1 };
    numbers.answered({ number, state: 'waiting', attempts: 1 }, ack(number + 1), number);
  }
  throw new Error('it never came to trust');
}

it('uses a number again only after many answers and some time, and then in the same place', () => {
  const { numbers, next } = trusting();
  expect(next).toBeGreaterThan(1_000);
  const { reply, follows } = numbers.next(next, 'a');
  expect(reply % SIZE).toBe(next % SIZE);
  expect(reply).toBe(next - SIZE);
  expect(follows).toEqual(ack(next - SIZE + 1));

  const hasty = new ReplyNumbers(SIZE, true);
  for (let number = 0; number < 5_000; number++) {
    expect(hasty.next(number, 'a')).toEqual({ reply: number, follows: undefined });
    hasty.answered({ number, state: 'waiting', attempts: 1 }, ack(number + 1), 1);
  }
});

it('gives a new number where another answer may come', () => {
  const { numbers, next } = trusting();
  // Not answered at all, sent twice, answered when it was to be sent again, a repeat, another subject.
  const from = SIZE * Math.ceil(next / SIZE);
  for (let number = next; number < from + SIZE; number++) numbers.next(number, 'a');
  const answered = (place: number, state: 'due' | 'waiting', attempts: number): void =>
    numbers.answered({ number: from + place, state, attempts }, ack(from + place), 1e6);
  answered(1, 'waiting', 2);
  answered(2, 'due', 1);
  numbers.answered({ number: from + 3, state: 'waiting', attempts: 1 }, repeat(1), 1e6);
  answered(4, 'waiting', 1);
  answered(5, 'waiting', 1);
  const round = from + SIZE;
  for (const place of [0, 1, 2, 3]) {
    const number = round + place;
    expect(numbers.next(number, 'a')).toEqual({ reply: number, follows: undefined });
  }
  expect(numbers.next(round + 4, 'b')).toEqual({ reply: round + 4, follows: undefined });
  expect(numbers.next(round + 5, 'a')).toMatchObject({ follows: ack(from + 5) });
});

const repeat = (seq: number): PublishAck => ack(seq, { duplicate: true });

it('never repeats a number once an answer belonged to no message', () => {
  const { numbers, next } = trusting();
  numbers.distrust();
  numbers.watchAgain();
  for (let number = next; number < next + 5_000; number++) {
    expect(numbers.next(number, 'a')).toEqual({ reply: number, follows: undefined });
    numbers.answered({ number, state: 'waiting', attempts: 1 }, ack(number), 1e6 + number);
  }
});

it('watches again after the connection has changed', () => {
  const { numbers, next } = trusting();
  numbers.watchAgain();
  for (let number = next; number < next + 1_000; number++) {
    expect(numbers.next(number, 'a')).toEqual({ reply: number, follows: undefined });
    numbers.answered({ number, state: 'waiting', attempts: 1 }, ack(number), 1e6 + number);
  }
  expect(numbers.next(next + 1_000, 'a').follows).toBeDefined();
});

it('keeps each number to its place when they start again', () => {
  const size = 7;
  const numbers = new ReplyNumbers(size, false);
  expect(numbers.modulus).toBeLessThanOrEqual(1e8);
  for (const number of [numbers.modulus - 1, numbers.modulus, numbers.modulus + 1]) {
    const { reply } = numbers.next(number, 'a');
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
