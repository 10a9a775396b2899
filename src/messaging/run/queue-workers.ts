import { KeptMessage, type MessageInPlace } from '../../core/message/message-in-place.js';
import type { MessageSink, Taken } from '../../core/message/reading.js';
import { Notifier } from '../../connection/notifier.js';
import type { WorkTime } from '../../core/values/work-time.js';
import type { MessageHandling } from './message-handling.js';
import type { Interest, SubscribeRequest } from './subscribe.js';

/** How much may wait for the workers, in bytes; the overhead of a message is estimated. */
const WAITING_LIMIT_BYTES = 64 * 1024 * 1024;
const MESSAGE_OVERHEAD_BYTES = 512;

interface Job {
  readonly message: KeptMessage;
  readonly count: number;
}

/**
 * Workers that take some time for each message, one message after the other, as real ones would: messages that arrive in
 * the meantime wait for the worker that the server has chosen.
 */
class QueueWorkers implements MessageHandling {
  readonly #sink: MessageSink;
  readonly #work: WorkTime;
  readonly #holdBack: boolean;
  readonly #workers = new Map<string, Worker>();
  #waitingBytes = 0;
  #waiting = 0;
  readonly #handled = new Notifier();
  #droppedLate = 0;

  /** @param holdBack ask for a pause before anything must be dropped */
  constructor(sink: MessageSink, options: { readonly work: WorkTime; readonly holdBack: boolean }) {
    this.#sink = sink;
    this.#work = options.work;
    this.#holdBack = options.holdBack;
  }

  /** Messages that wait or are in progress. */
  get waiting(): number {
    return this.#waiting;
  }

  get busy(): boolean {
    return this.#waiting > 0;
  }

  get droppedLate(): number {
    return this.#droppedLate;
  }

  take(message: MessageInPlace, count: number, member = ''): Taken {
    const sizeBytes = message.payloadSize + MESSAGE_OVERHEAD_BYTES;
    if (this.#waitingBytes + sizeBytes > WAITING_LIMIT_BYTES) return 'dropped';
    this.#waitingBytes += sizeBytes;
    this.#waiting += 1;
    const kept = new KeptMessage(message.toMessage(Date.now()));
    this.#workerOf(member).add({ message: kept, count });
    return this.#holdBack && this.#waitingBytes > WAITING_LIMIT_BYTES / 2 ? 'full' : 'taken';
  }

  async ready(): Promise<void> {
    while (this.#waitingBytes > WAITING_LIMIT_BYTES / 4) await this.#handled.next();
    await this.#sink.ready();
  }

  /** Handles everything that has arrived, even in a hurry: no other member of the group has it. */
  async settled(): Promise<void> {
    while (this.#waiting > 0) await this.#handled.next();
  }

  #workerOf(member: string): Worker {
    const existing = this.#workers.get(member);
    if (existing !== undefined) return existing;
    const worker = new Worker(
      () => this.#work.minMs + Math.random() * (this.#work.maxMs - this.#work.minMs),
      (job) => this.#done(job, member),
    );
    this.#workers.set(member, worker);
    return worker;
  }

  #done({ message, count }: Job, member: string): void {
    this.#waiting -= 1;
    this.#waitingBytes -= message.payloadSize + MESSAGE_OVERHEAD_BYTES;
    const taken = this.#sink.message(message, count, member === '' ? undefined : member);
    if (taken === 'dropped') this.#droppedLate += 1;
    this.#handled.notify();
  }
}

/** Handles one job after the other. */
class Worker {
  readonly #workMs: () => number;
  readonly #done: (job: Job) => void;
  #jobs: Job[] = [];
  #next = 0;
  #freeAtMs = 0;
  #running = false;

  constructor(workMs: () => number, done: (job: Job) => void) {
    this.#workMs = workMs;
    this.#done = done;
  }

  add(job: Job): void {
    this.#jobs.push(job);
    if (this.#running) return;
    this.#running = true;
    this.#freeAtMs = Math.max(performance.now(), this.#freeAtMs) + this.#workMs();
    this.#wait();
  }

  #wait(): void {
    setTimeout(() => this.#finishDue(), Math.max(0, this.#freeAtMs - performance.now()));
  }

  /** Timers are late and coarse, so the schedule does not depend on them: the rate is right on average. */
  #finishDue(): void {
    const nowMs = performance.now();
    while (this.#freeAtMs <= nowMs) {
      const job = this.#jobs[this.#next++];
      if (job !== undefined) this.#done(job);
      if (this.#next >= this.#jobs.length) {
        this.#jobs = [];
        this.#next = 0;
        this.#running = false;
        return;
      }
      this.#forgetHandled();
      this.#freeAtMs += this.#workMs();
    }
    this.#wait();
  }

  #forgetHandled(): void {
    if (this.#next < 1024 || this.#next * 2 < this.#jobs.length) return;
    this.#jobs = this.#jobs.slice(this.#next);
    this.#next = 0;
  }
}

export interface QueueRequest extends Pick<SubscribeRequest, 'limits' | 'accepts'> {
  readonly pattern: string;
  readonly queue: string;
  /** Names of the members; at least one. */
  readonly members: readonly string[];
  /** One connection per member. */
  readonly ownConnections: boolean;
  /** How long each message keeps its member busy; no time if absent. */
  readonly work?: WorkTime | undefined;
  /** Stop reading when the members cannot keep up, before anything is dropped. */
  readonly holdBack: boolean;
}

/** The request to read a subject as members of a queue group. */
export function queueSubscription(request: QueueRequest, sink: MessageSink): SubscribeRequest {
  const { pattern, queue, members, limits, accepts, work, holdBack } = request;
  const interests = members.map((member): Interest => ({ pattern, queue, member }));
  return {
    connections: request.ownConnections ? interests.map((interest) => [interest]) : [interests],
    limits,
    accepts,
    handling: work === undefined ? undefined : new QueueWorkers(sink, { work, holdBack }),
  };
}

/** Names for the members of a queue group that run in one process: `worker-1`, …; padded so that they sort. */
export function memberNames(members: number): readonly string[] {
  const digits = String(members).length;
  return Array.from(
    { length: members },
    (_, index) => `worker-${String(index + 1).padStart(digits, '0')}`,
  );
}
