import type { PublishAck } from '../../model/publish-ack.js';
import { REPLY_NUMBERS } from '../../../wire/reply-inbox.js';

/** Who answers besides the stream, has shown itself after so many answers and so much time. */
const WATCHED_ANSWERS = 1_000;
const WATCHED_MS = 250;
/** A stream is not deleted and made anew, to count from 1, so soon that no message in between is turned away. */
const RECENT_MS = 100;
/** Subjects whose streams are remembered; more of them do not come again before they are forgotten. */
const KNOWN_SUBJECTS = 10_000;

/** What a message is to be answered to. */
export interface ReplyNumber {
  readonly reply: number;
  /** What the last message with this number was answered; undefined when there was none. */
  readonly follows: PublishAck | undefined;
}

/** How far a message is. */
export interface Sending {
  readonly number: number;
  readonly subject: string;
  readonly state: 'due' | 'waiting';
  readonly attempts: number;
}

/**
 * Numbers in the reply subjects of messages. A server remembers the routes of subjects that it has seen lately, and to
 * find new ones is a fifth of its work on a message. So each place of the window keeps its number, as long as no other
 * answer to it can come: the message before was sent once, and has been answered by the stream that stores the subject
 * of the next; and nobody answers twice. The latter is watched for a while, and from then on an answer to a number that
 * was used before counts only when it can be no late one to the message before.
 */
export class ReplyNumbers {
  readonly #size: number;
  /** All numbers that belong to a place leave the same rest. */
  readonly #modulus: number;
  readonly #numbers: number[];
  readonly #subjects: string[];
  /** What the last message of a place was answered, where no other answer to it can come. */
  readonly #acks: (PublishAck | undefined)[];
  /** When that was. */
  readonly #answeredMs: number[];
  /** An acknowledgement of each subject, which tells who stores it. */
  readonly #known = new Map<string, PublishAck>();
  #lastSubject = '';
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
    this.#answeredMs = new Array<number>(size).fill(0);
    if (!mayRepeat) this.#trust = 'lost';
  }

  /** Numbers are below this one. */
  get modulus(): number {
    return this.#modulus;
  }

  /** The number for the next message. @param number its own, from 0; the one `size` before has its fate */
  next(number: number, subject: string, nowMs: number): ReplyNumber {
    const place = number % this.#size;
    const follows = this.#acks[place];
    this.#acks[place] = undefined;
    const reply = this.#numbers[place];
    const repeats = follows !== undefined && this.#mayFollow(follows, place, subject, nowMs);
    this.#subjects[place] = subject;
    if (repeats && reply !== undefined) return { reply, follows };
    const unused = (this.#numbers[place] = this.unused(number));
    return { reply: unused, follows: undefined };
  }

  /** A number that belongs to the message's place, and that no other was sent with. */
  unused(number: number): number {
    return number % this.#modulus;
  }

  /** A message was answered: to be called before it is settled. */
  answered({ number, subject, state, attempts }: Sending, ack: PublishAck, nowMs: number): void {
    if (this.#trust === 'lost') return;
    if (subject !== this.#lastSubject) this.#remember(subject, ack);
    const isOver = attempts === 1 && state === 'waiting' && !ack.duplicate;
    if (isOver) {
      const place = number % this.#size;
      this.#acks[place] = ack;
      this.#answeredMs[place] = nowMs;
    }
    if (this.#trust === 'growing') this.#watch(nowMs);
  }

  /** There was an answer that belongs to no message, so that any other may have a second one as well. */
  distrust(): void {
    this.#trust = 'lost';
  }

  /** Something went wrong, or the connection is another one, so that somebody else may answer. */
  watchAgain(): void {
    if (this.#trust === 'lost' || this.#answers === 0) return;
    this.#trust = 'growing';
    this.#answers = 0;
    this.#acks.fill(undefined);
    this.#known.clear();
    this.#lastSubject = '';
  }

  #remember(subject: string, ack: PublishAck): void {
    this.#lastSubject = subject;
    if (this.#known.size >= KNOWN_SUBJECTS) this.#known.clear();
    this.#known.set(subject, ack);
  }

  #mayFollow(ack: PublishAck, place: number, subject: string, nowMs: number): boolean {
    if (this.#trust !== 'full') return false;
    if (nowMs - (this.#answeredMs[place] ?? 0) > RECENT_MS) return false;
    if (subject === this.#subjects[place]) return true;
    const known = this.#known.get(subject);
    return known?.stream === ack.stream && known.domain === ack.domain;
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
