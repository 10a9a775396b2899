import { expectedError, type NatsxError } from '../../core/errors.js';
import { MESSAGE_ID } from '../../core/message/publish-headers.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import { recordedTimeMs } from '../model/recorded-line.js';
import { replayHeaders, headersWithId } from '../model/replay-headers.js';
import type { ReplayOutcome } from '../model/replay-outcome.js';
import { ReplayClock } from '../../core/values/pace.js';
import type { StreamPlaces } from '../../streams/run/publish/stream-places.js';
import { pauseUntil } from '../../connection/pause-until.js';
import { recordedMessages, type RecordedLine } from './recorded-messages.js';
import { isInRange, type ReplayRequest } from './replay-request.js';
import { MessageCount } from './recording-survey.js';
import { ReplayMark } from './replay-mark.js';
import type { ReplayProgress, ReplayProgressFile } from './replay-progress.js';
import type { ReplaySieve } from './replay-sieve.js';
import type { ReplayTarget } from './replay-target.js';

/** The progress is saved this often while waiting for the next message. */
const LONGEST_PAUSE_MS = 1_000;

/** What a replay begins with. */
export interface Beginning {
  /** The progress of the earlier replay. */
  readonly before: ReplayProgress | undefined;
  /** How many messages there are to publish, if known. */
  readonly goal: number | undefined;
  /** Finds what the earlier replay has stored after its mark. */
  readonly sieve: ReplaySieve | undefined;
  /** Part of the message ids; empty if messages get none. */
  readonly id: string;
  /** Last sequences of the streams, if known. */
  readonly places: StreamPlaces | undefined;
}

/** One replay: reads the recording, publishes it, and keeps track of what has arrived. */
export class Replayer {
  readonly #request: ReplayRequest;
  readonly #target: ReplayTarget;
  readonly #file: ReplayProgressFile;
  readonly #beginning: Beginning;
  readonly #mark: ReplayMark;
  readonly #count: MessageCount;
  readonly #startedMs = performance.now();
  readonly #clock: ReplayClock;
  #published = 0;
  #left = 0;

  constructor(
    request: ReplayRequest,
    target: ReplayTarget,
    file: ReplayProgressFile,
    beginning: Beginning,
  ) {
    this.#request = request;
    this.#target = target;
    this.#file = file;
    this.#beginning = beginning;
    this.#count = new MessageCount(request);
    this.#clock = new ReplayClock(request.pace);
    const { line = 1, messages = 0 } = beginning.before ?? {};
    this.#mark = new ReplayMark(line, messages);
  }

  async run(signal: AbortSignal): Promise<ReplayOutcome> {
    this.#request.watch.started(() => ({
      messages: this.#published,
      goal: this.#goal,
      elapsedMs: performance.now() - this.#startedMs,
    }));
    // If this process is killed, the next replay knows where it began.
    this.#save(true);
    const broken = await failureOf(this.#publishAll(signal));
    this.#count.stop();
    // Also after Ctrl-C it should be known which messages have arrived.
    const late = await failureOf(this.#target.settle());
    this.#mark.settle(this.#target.settledBelow);
    const failure = this.#target.failure ?? broken ?? late;
    if (failure === undefined && !signal.aborted) this.#file.remove();
    else this.#save(true);
    return this.#outcome(failure, signal);
  }

  /** Undefined while the file is being counted, and after an earlier replay. */
  get #goal(): number | undefined {
    const { before, goal } = this.#beginning;
    if (before !== undefined) return undefined;
    return goal ?? this.#count.known;
  }

  #outcome(failure: NatsxError | undefined, signal: AbortSignal): ReplayOutcome {
    const { before, sieve } = this.#beginning;
    const { duplicates, found, inDoubt } = this.#target;
    const foundBefore = sieve?.found ?? 0;
    return {
      end: failure !== undefined ? 'failed' : signal.aborted ? 'stopped' : 'whole',
      messages: this.#mark.confirmed,
      before: (before?.messages ?? 0) + foundBefore,
      unconfirmed: inDoubt,
      duplicates,
      found: found + foundBefore,
      leftOut: this.#left,
      streams: this.#target.streams,
      line: this.#mark.line,
      resumable: this.#request.stdin === undefined,
      durationMs: performance.now() - this.#startedMs,
      failure,
    };
  }

  async #publishAll(signal: AbortSignal): Promise<void> {
    const { before, sieve } = this.#beginning;
    const timed = this.#request.pace.type !== 'unlimited';
    for await (const { messages } of recordedMessages(this.#request, before?.line ?? 0, signal)) {
      for (const recorded of messages) {
        if (!isInRange(this.#request.range, recorded)) {
          this.#left += 1;
          continue;
        }
        const message = this.#message(recorded);
        if (sieve?.isDone === false && (await this.#wasStored(sieve, recorded, message))) continue;
        if (timed) await this.#untilDue(recorded, signal);
        if (!this.#target.hasRoom) await this.#target.ready(signal);
        if (signal.aborted || this.#target.failure !== undefined) return;
        this.#target.publish(message);
        this.#published += 1;
        this.#mark.published(recorded.line);
      }
      this.#save(false);
    }
  }

  async #wasStored(
    sieve: ReplaySieve,
    { line, message: original }: RecordedLine,
    message: OutgoingMessage,
  ): Promise<boolean> {
    const place = await sieve.find(message, original.headers?.has(MESSAGE_ID) === true);
    if (place === undefined) return false;
    this.#mark.settle(this.#target.settledBelow);
    this.#mark.found(line, () => this.#beginning.places?.passed(place));
    return true;
  }

  #message({ message, line }: RecordedLine): OutgoingMessage {
    const { mapSubject, headers: policy } = this.#request;
    const { id } = this.#beginning;
    const kept = replayHeaders(message.headers, policy);
    const headers = id === '' ? kept : headersWithId(kept, `natsx-${id}-${line}`);
    // The reply subject belonged to a requester that no longer waits.
    const { payload } = message;
    const subject = mapSubject(message.subject);
    return headers === undefined ? { subject, payload } : { subject, payload, headers };
  }

  async #untilDue(recorded: RecordedLine, signal: AbortSignal): Promise<void> {
    const dueMs = this.#startedMs + this.#clock.dueMs(recordedTimeMs(recorded));
    while (!signal.aborted) {
      const laterMs = performance.now() + LONGEST_PAUSE_MS;
      const pause = pauseUntil(Math.min(dueMs, laterMs), signal);
      if (pause === undefined) return;
      this.#save(false);
      await pause;
    }
  }

  /** The mark and the places of the streams must be saved together. */
  #save(now: boolean): void {
    this.#mark.settle(this.#target.settledBelow);
    this.#file.save(() => this.#progress, now);
  }

  get #progress(): ReplayProgress {
    const { id, places } = this.#beginning;
    const { plan, window, jetstream, range } = this.#request;
    const { fromMs, toMs } = range;
    const times = fromMs === undefined && toMs === undefined ? undefined : { fromMs, toMs };
    const { line, messages } = this.#mark;
    const streams = places?.toJSON();
    return { line, messages, id, plan, times, ...(jetstream && { window, streams }) };
  }
}

async function failureOf(work: Promise<unknown>): Promise<NatsxError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return expectedError(error);
  }
}
