import { setTimeout as sleep } from 'node:timers/promises';

import { NatsxError, usageError } from '../domain/errors.js';
import type { OutgoingMessage } from '../domain/message.js';
import { quoted } from '../domain/printable.js';
import {
  replayHeaders,
  withMessageId,
  type HeaderPolicy,
} from '../domain/recording/replay-headers.js';
import { recordedTimeMs } from '../domain/recording/recorded-line.js';
import { ReplayClock, type ReplayPace } from '../domain/recording/replay-pace.js';
import type { ReplayOutcome } from '../domain/recording/replay-outcome.js';
import type { SubjectMapper } from '../domain/subject-mapping.js';
import type { SessionTarget } from './open-session.js';
import { recordedMessages, type NumberedMessage } from './recorded-messages.js';
import { newReplayId, ReplayProgressFile, type ReplayProgress } from './replay-progress.js';
import { openReplayTarget, type ReplayTarget } from './replay-target.js';

/** Which messages of a recording are wanted; sequences and times are those of the originals. */
export interface ReplayRange {
  readonly fromSeq?: number | undefined;
  readonly toSeq?: number | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** How far a replay is. */
export interface ReplayWorkProgress {
  readonly messages: number;
  /** About how many there will be, as far as the file has been read. */
  readonly goal: number | undefined;
  readonly elapsedMs: number;
}

export interface ReplayRequest {
  readonly path: string;
  readonly jetstream: boolean;
  /** How many messages may wait for their acknowledgement. */
  readonly window: number;
  readonly timeoutMs: number;
  readonly pace: ReplayPace;
  readonly mapSubject: SubjectMapper;
  readonly headers: HeaderPolicy;
  readonly range: ReplayRange;
  /** Goes on where an earlier replay has stopped, and gives messages an id. */
  readonly resume: boolean;
  /** What is asked for in one text: a replay goes on only with the same. */
  readonly plan: string;
  readonly watch: {
    /** Publishing has begun. */
    started(progress: () => ReplayWorkProgress): void;
    notice(text: string): void;
  };
}

/** A pause shorter than this is not worth a timer. */
const SHORTEST_PAUSE_MS = 1;

/**
 * Publishes a recording again, in order. Ends early, with what it has, on the signal, on a broken line and on a message
 * that a stream refuses.
 *
 * @throws {NatsxError} usage — the file; connection, auth — before anything was published
 */
export async function replay(
  target: SessionTarget,
  request: ReplayRequest,
  signal: AbortSignal,
): Promise<ReplayOutcome> {
  const file = new ReplayProgressFile(request.path);
  const before = request.resume ? earlier(file, request) : undefined;
  const publisher = await openReplayTarget(target, request, signal);
  try {
    return await new Replayer(request, publisher, file, before).run(signal);
  } finally {
    await publisher.close();
  }
}

function earlier(
  file: ReplayProgressFile,
  { plan, watch }: ReplayRequest,
): ReplayProgress | undefined {
  const before = file.read();
  if (before === undefined) return undefined;
  if (before.plan !== plan) {
    throw usageError(
      `${quoted(file.path)} is from a replay with other flags`,
      'give the same flags as before, or remove that file to begin anew',
    );
  }
  watch.notice(
    `going on after line ${before.line}, with ${before.messages} messages published before`,
  );
  if (before.id === '') {
    watch.notice(
      'the replay before was not started with --resume: what it published last may be there twice',
    );
  }
  return before;
}

class Replayer {
  readonly #request: ReplayRequest;
  readonly #target: ReplayTarget;
  readonly #file: ReplayProgressFile;
  readonly #before: ReplayProgress | undefined;
  readonly #id: string;
  readonly #startedMs = performance.now();
  readonly #clock: ReplayClock;
  /** Lines of the messages that are not confirmed, the oldest first, and how many messages were before them. */
  #lines: number[] = [];
  #confirmed = 0;
  #confirmedLine: number;
  #published = 0;
  #share = 0;
  #left = 0;

  constructor(
    request: ReplayRequest,
    target: ReplayTarget,
    file: ReplayProgressFile,
    before: ReplayProgress | undefined,
  ) {
    this.#request = request;
    this.#target = target;
    this.#file = file;
    this.#before = before;
    this.#clock = new ReplayClock(request.pace);
    this.#confirmedLine = before?.line ?? 1;
    const givesIds = request.resume && request.jetstream;
    this.#id = before?.id ?? (givesIds ? newReplayId() : '');
    if (this.#id !== '') request.watch.notice('messages get an id, so that none is stored twice');
  }

  async run(signal: AbortSignal): Promise<ReplayOutcome> {
    const { watch } = this.#request;
    watch.started(() => ({
      messages: this.#published,
      goal: this.#before === undefined ? estimate(this.#published, this.#share) : undefined,
      elapsedMs: performance.now() - this.#startedMs,
    }));
    let failure: NatsxError | undefined;
    try {
      await this.#publishAll(signal);
    } catch (error) {
      if (!(error instanceof NatsxError)) throw error;
      failure = error;
    }
    // What was sent should be known to have arrived, also after Ctrl-C.
    const late = await this.#target.settle().then(
      () => undefined,
      (error: unknown) => asFailure(error),
    );
    this.#settle();
    failure = this.#target.failure ?? failure ?? late;
    const isWhole = failure === undefined && !signal.aborted;
    if (isWhole) this.#file.remove();
    else this.#file.save(() => this.#progress, true);
    return {
      end: failure !== undefined ? 'failed' : signal.aborted ? 'stopped' : 'whole',
      messages: this.#confirmed,
      before: this.#before?.messages ?? 0,
      unconfirmed: this.#published - this.#confirmed,
      duplicates: this.#target.duplicates,
      repeats: this.#target.repeats,
      leftOut: this.#left,
      line: this.#confirmedLine,
      durationMs: performance.now() - this.#startedMs,
      failure,
    };
  }

  async #publishAll(signal: AbortSignal): Promise<void> {
    const { path } = this.#request;
    const timed = this.#request.pace.type !== 'unlimited';
    for await (const { messages, share } of recordedMessages(path, this.#before?.line ?? 0)) {
      this.#share = share;
      for (const recorded of messages) {
        if (!this.#isWanted(recorded)) {
          this.#left += 1;
          continue;
        }
        if (timed) await this.#untilDue(recorded, signal);
        if (!this.#target.hasRoom) await this.#target.ready(signal);
        if (signal.aborted || this.#target.failure !== undefined) return;
        this.#target.publish(this.#message(recorded));
        this.#published += 1;
        this.#lines.push(recorded.line);
      }
      this.#settle();
      this.#file.save(() => this.#progress, false);
    }
  }

  #message({ message, line }: NumberedMessage): OutgoingMessage {
    const { mapSubject, headers: policy } = this.#request;
    const kept = replayHeaders(message.headers, policy);
    const headers = this.#id === '' ? kept : withMessageId(kept, `natsx-${this.#id}-${line}`);
    // A reply subject belongs to whoever waited for an answer then.
    const { payload } = message;
    const subject = mapSubject(message.subject);
    return headers === undefined ? { subject, payload } : { subject, payload, headers };
  }

  #isWanted(recorded: NumberedMessage): boolean {
    const { fromSeq, toSeq, fromMs, toMs } = this.#request.range;
    const { seq } = recorded;
    if (seq !== undefined && (seq < (fromSeq ?? 0) || seq > (toSeq ?? Infinity))) return false;
    if (fromMs === undefined && toMs === undefined) return true;
    const timeMs = recordedTimeMs(recorded);
    if (timeMs === undefined) return true;
    return timeMs >= (fromMs ?? -Infinity) && timeMs <= (toMs ?? Infinity);
  }

  async #untilDue(recorded: NumberedMessage, signal: AbortSignal): Promise<void> {
    const dueMs = this.#startedMs + this.#clock.dueMs(recordedTimeMs(recorded));
    for (;;) {
      const waitMs = dueMs - performance.now();
      if (waitMs < SHORTEST_PAUSE_MS || signal.aborted) return;
      this.#settle();
      this.#file.save(() => this.#progress, false);
      await sleep(Math.min(waitMs, 1_000), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Moves the mark behind what is confirmed by now. */
  #settle(): void {
    const settled = this.#target.settledBelow - this.#confirmed;
    if (settled <= 0) return;
    this.#confirmedLine = this.#lines[settled - 1] ?? this.#confirmedLine;
    this.#lines = this.#lines.slice(settled);
    this.#confirmed += settled;
  }

  get #progress(): ReplayProgress {
    return {
      line: this.#confirmedLine,
      messages: (this.#before?.messages ?? 0) + this.#confirmed,
      id: this.#id,
      plan: this.#request.plan,
    };
  }
}

/** What is left is taken to be like what was read. */
function estimate(messages: number, share: number): number | undefined {
  return share > 0 ? Math.max(messages, Math.round(messages / share)) : undefined;
}

function asFailure(error: unknown): NatsxError {
  if (error instanceof NatsxError) return error;
  throw error;
}
