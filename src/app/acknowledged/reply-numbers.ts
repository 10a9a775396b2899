import type { PublishAck } from '../../domain/jetstream/publish-ack.js';
import { REPLY_NUMBERS } from '../../wire/reply-inbox.js';

/** Who answers besides the stream, has shown itself after so many answers and so much time. */
const WATCHED_ANSWERS = 1_000;
const WATCHED_MS = 250;

/** What a message is to be answered to. */
export interface ReplyNumber {
  readonly reply: number;
  /** What the last message with this number was answered; undefined when there was none. */
  readonly follows: PublishAck | undefined;
}

/** How far a message is. */
export interface Sending {
  readonly number: number;
  readonly state: 'due' | 'waiting';
  readonly attempts: number;
}

/**
 * Numbers in the reply subjects of messages. A server remembers the routes of subjects that it has seen lately, and to
 * find new ones is a fifth of its work on a message. So each place of the window keeps its number, as long as no other answer
 * to it can come: the message before was sent once, to the same subject, and has been answered, and each message has one
 * answer only. The latter is watched for a while, and from then on an answer to a number that was used before counts only
 * when it can be no late one to the message before.
 */
export class ReplyNumbers {
  readonly #size: number;
  /** All numbers that belong to a place leave the same rest. */
  readonly #modulus: number;
  readonly #numbers: number[];
  readonly #subjects: string[];
  /** What the last message of a place was answered, where no other answer to it can come. */
  readonly #acks: (PublishAck | undefined)[];
  #trust: 'growing' | 'full' | 'lost' = 'growing';
  #answers = 0;
  #watchedSinceMs = 0;

  /** @param size how many messages are without an answer at most; @param mayRepeat whether to use numbers again */
  constructor(size: number, mayRepeat: boolean) {
    this.#size = size;
    this.#modulus = REPLY_NUMBERS - (REPLY_NUMBERS % size);
    this.#numbers = new Array<number>(size).fill(0);
    this.#subjects = new Array<string>(size).fill('');
    this.#acks = new Array<PublishAck | undefined>(size).fill(undefined);
    if (!mayRepeat) this.#trust = 'lost';
  }

  /** Numbers are below this one. */
  get modulus(): number {
    return this.#modulus;
  }

  /** The number for the next message. @param number its own, from 0; the one `size` before has its fate */
  next(number: number, subject: string): ReplyNumber {
    const place = number % this.#size;
    const follows = this.#acks[place];
    this.#acks[place] = undefined;
    const reply = this.#numbers[place];
    if (follows !== undefined && reply !== undefined && this.#trust === 'full') {
      if (subject === this.#subjects[place]) return { reply, follows };
    }
    this.#subjects[place] = subject;
    const unused = (this.#numbers[place] = this.unused(number));
    return { reply: unused, follows: undefined };
  }

  /** A number that belongs to the message's place, and that no other was sent with. */
  unused(number: number): number {
    return number % this.#modulus;
  }

  /** A message was answered: to be called before it is settled. */
  answered({ number, state, attempts }: Sending, ack: PublishAck, nowMs: number): void {
    if (this.#trust === 'lost') return;
    const isOver = attempts === 1 && state === 'waiting' && !ack.duplicate;
    if (isOver) this.#acks[number % this.#size] = ack;
    if (this.#trust === 'growing') this.#watch(nowMs);
  }

  /** There was an answer that belongs to no message, so that any other may have a second one as well. */
  distrust(): void {
    this.#trust = 'lost';
  }

  /** The connection is another one, and may lead to somebody else. */
  watchAgain(): void {
    if (this.#trust === 'lost') return;
    this.#trust = 'growing';
    this.#answers = 0;
    this.#acks.fill(undefined);
  }

  #watch(nowMs: number): void {
    if (this.#answers === 0) this.#watchedSinceMs = nowMs;
    this.#answers += 1;
    if (this.#answers < WATCHED_ANSWERS || nowMs < this.#watchedSinceMs + WATCHED_MS) return;
    this.#trust = 'full';
  }
}

/** Whether the acknowledgement can be no late one to the message before with the same number. */
export function isOfItsOwn({ follows }: ReplyNumber, ack: PublishAck): boolean {
  if (follows === undefined) return true;
  if (ack.stream !== follows.stream || ack.domain !== follows.domain) return false;
  // A repeat is acknowledged with the place of the first message of its id, which may be anywhere.
  return ack.duplicate || ack.seq > follows.seq;
}
