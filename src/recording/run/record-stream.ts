import { statSync } from 'node:fs';

import { NatsxError } from '../../core/errors.js';
import type { MessageInPlace } from '../../core/message/message-in-place.js';
import type { Taken } from '../../core/message/reading.js';
import { RecordedLineEncoder } from '../model/line-encoder.js';
import type { RecordOutcome } from '../model/record-outcome.js';
import { SequenceAccount, type SequenceRange } from '../model/sequence-account.js';
import type { ReadStart } from '../../streams/model/read-range.js';
import { fileError } from '../../connection/file-error.js';
import type { SessionTarget } from '../../wire/open-session.js';
import {
  prepareRecording,
  type PreparedRecording,
  type RecordingDestination,
} from './open-recording.js';
import {
  readStreamRange,
  type OpenedStream,
  type StreamReadRequest,
} from '../../streams/run/read/read-stream.js';
import { BATCH_BYTES, type RecordingSink } from './recording-file.js';
import type { StreamDelivery } from '../../streams/run/read/stream-reader.js';
import { recordedSequences } from './recording-tail.js';
import { skippedMessages } from './skipped-messages.js';

export interface RecordStreamRequest extends RecordingDestination {
  readonly read: StreamReadRequest & { readonly stream: string };
  readonly limits: RecordLimits;
  readonly watch: RecordWatch;
}

/** When a recording ends by itself. */
export interface RecordLimits {
  readonly count?: number | undefined;
  readonly durationMs?: number | undefined;
}

/** Whether a recording ends by itself, so that a signal before that is an interruption. */
export function hasLimit({ count, durationMs }: RecordLimits): boolean {
  return count !== undefined || durationMs !== undefined;
}

/** Callbacks for the progress of a recording. */
export interface RecordWatch {
  /** Recording has begun; `progress` returns how far it is. */
  started(progress: () => RecordProgress): void;
  notice(text: string): void;
}

/** How far a recording is. */
export interface RecordProgress {
  readonly messages: number;
  /** Messages to record, as of the start; undefined if it has no end. */
  readonly goal: number | undefined;
  readonly elapsedMs: number;
}

/**
 * Writes a stream, or a part of it, to a file. Whatever ends it, the messages recorded by then are in the file.
 *
 * @throws {NatsxError} usage — the file; not-found, auth, connection, timeout — before anything was recorded
 */
export async function recordStream(
  target: SessionTarget,
  request: RecordStreamRequest,
  signal: AbortSignal,
): Promise<RecordOutcome> {
  const recorder = new StreamRecorder(target, request);
  return recorder.record(signal);
}

class StreamRecorder {
  readonly #target: SessionTarget;
  readonly #request: RecordStreamRequest;
  readonly #limit = new AbortController();
  readonly #startedMs = performance.now();
  #account = new SequenceAccount();
  #file: RecordingSink | undefined;
  #lines: RecordedLineEncoder | undefined;
  #opened: OpenedStream | undefined;
  #limitedBy: 'count' | 'duration' | undefined;
  #fileFailure: NatsxError | undefined;
  #heals = 0;
  readonly #missing: SequenceRange[] = [];
  #looking: Promise<void> | undefined;
  #unlooked: string | undefined;
  #proven = false;

  constructor(target: SessionTarget, request: RecordStreamRequest) {
    this.#target = target;
    this.#request = request;
  }

  async record(signal: AbortSignal): Promise<RecordOutcome> {
    const { durationMs } = this.#request.limits;
    const timer =
      durationMs === undefined ? undefined : setTimeout(() => this.#stop('duration'), durationMs);
    try {
      const end = await this.#run(AbortSignal.any([signal, this.#limit.signal]));
      if (this.#fileFailure !== undefined) await this.#recount();
      return this.#outcome(this.#limitedBy ?? end, this.#fileFailure);
    } catch (error) {
      // Even then, report what was recorded.
      if (this.#account.messages === 0 || !(error instanceof NatsxError)) throw error;
      if (this.#fileFailure !== undefined) await this.#recount();
      return this.#outcome('stopped', error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #run(signal: AbortSignal): Promise<'reached' | 'stopped'> {
    const { read } = this.#request;
    const recording = await prepareRecording(this.#request);
    if (recording.repaired) this.#request.watch.notice(REPAIRED);
    const lastSeq = recording.lastSeq;
    const start = lastSeq === undefined ? read.range.start : fromSeq(lastSeq + 1);
    const range = { ...read.range, start };
    try {
      const { end } = await readStreamRange(
        this.#target,
        { ...read, range },
        {
          opened: (opened) => this.#begin(opened, recording),
          message: (message, place) => this.#take(message, place),
          ready: async () => {
            await this.#file?.ready();
            await this.#looking;
          },
          healing: () => (this.#heals += 1),
          finished: () => this.#prove(signal.aborted ? 'stopped' : 'reached'),
        },
        signal,
      );
      return end;
    } catch (error) {
      if (this.#account.messages === 0) await this.#discard();
      throw error;
    } finally {
      if (this.#isFruitless(signal)) await this.#discard();
      await this.#file?.close().catch((error: unknown) => this.#fileFailed(error));
    }
  }

  /** Whether it fails before the first message. */
  #isFruitless(signal: AbortSignal): boolean {
    const { limits, read } = this.#request;
    if (this.#account.messages > 0) return false;
    if (limits.count !== undefined) return true;
    const { atEnd, seq, timeMs } = read.range.end;
    const hasGoal = hasLimit(limits) || atEnd || seq !== undefined || timeMs !== undefined;
    return signal.aborted && hasGoal && this.#limitedBy === undefined;
  }

  /** Leaves the file as it was, for the next attempt. */
  async #discard(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.discard();
  }

  /** The file is opened only when the stream is. */
  #begin(opened: OpenedStream, recording: PreparedRecording): void {
    this.#opened = opened;
    const request = this.#request;
    const { read, watch } = request;
    this.#account = new SequenceAccount(dueFirst(request, opened, recording.lastSeq));
    const file = recording.open();
    file.failed.catch((error: unknown) => this.#fileFailed(error));
    this.#file = file;
    this.#lines = new RecordedLineEncoder(read.stream, 2 * BATCH_BYTES);
    file.gather(this.#lines);
    watch.started(() => ({
      messages: this.#account.messages,
      goal: this.#goal,
      elapsedMs: performance.now() - this.#startedMs,
    }));
    for (const remark of opened.remarks) watch.notice(remark);
    if (opened.direct)
      watch.notice('reading the work queue message by message, without a consumer');
  }

  #take(message: MessageInPlace, place: StreamDelivery): Taken {
    if (this.#limit.signal.aborted) return 'taken';
    this.#account.add(place.seq);
    this.#lines?.add(message, place);
    const room = this.#file?.written() ?? true;
    if (this.#account.messages === this.#request.limits.count) this.#stop('count');
    if (this.#account.openHoles < MOST_OPEN_HOLES) return room ? 'taken' : 'full';
    this.#lookIntoHoles();
    return 'full';
  }

  get #goal(): number | undefined {
    const { read, limits } = this.#request;
    const { atEnd, seq, timeMs } = read.range.end;
    // The server's count includes messages after the given end.
    const isCounted = atEnd && seq === undefined && timeMs === undefined;
    const pending = isCounted ? this.#opened?.pending : undefined;
    return limits.count === undefined ? pending : Math.min(limits.count, pending ?? Infinity);
  }

  #stop(by: 'count' | 'duration'): void {
    this.#limitedBy ??= by;
    this.#limit.abort();
  }

  #fileFailed(error: unknown): void {
    this.#fileFailure ??= fileError('write to', this.#request.path, error);
    this.#limit.abort();
  }

  /** Proves that the skipped sequences are not in the stream. */
  async #prove(end: 'reached' | 'stopped'): Promise<void> {
    const { read } = this.#request;
    const { messages, lastSeq } = this.#account;
    const { info, pending } = this.#opened ?? {};
    const isWhole = read.filters.length === 0;
    if (isWhole && end === 'reached') this.#account.end(dueLast(this.#request, this.#opened));
    // As many messages as there were at the start, and none that was stored later: nothing can be missing.
    const counted = messages === pending && (lastSeq ?? 0) <= (info?.state.last_seq ?? 0);
    if (isWhole && !counted) this.#lookIntoHoles();
    await this.#looking;
    const looked = isWhole && this.#unlooked === undefined;
    this.#proven = this.#missing.length === 0 && (counted || looked);
  }

  /** Limits how many holes are kept of a stream with many; the last call completes the proof. */
  #lookIntoHoles(): void {
    const { api } = this.#opened ?? {};
    const holes = this.#account.takeHoles();
    if (api === undefined || holes.count === 0) return;
    const { stream } = this.#request.read;
    this.#looking = (this.#looking ?? Promise.resolve()).then(async () => {
      try {
        const skipped = await skippedMessages(api, stream, holes);
        this.#missing.push(...skipped.slice(0, MOST_MISSING - this.#missing.length));
      } catch (error) {
        // A user who may read a stream is not necessarily allowed to ask for its gaps; the recording is still good.
        this.#unlooked ??= error instanceof Error ? error.message : String(error);
      }
    });
  }

  /** Counts only messages whose lines are complete in the file. */
  async #recount(): Promise<void> {
    const { path } = this.#request;
    const { firstSeq } = this.#account;
    this.#proven = false;
    const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    // A device cannot be read back.
    if (!isFile && (this.#file?.bytesWritten ?? 0) > 0) return;
    this.#account = new SequenceAccount();
    if (!isFile || firstSeq === undefined) return;
    try {
      for await (const seq of recordedSequences(path)) {
        if (seq >= firstSeq) this.#account.add(seq);
      }
    } catch {
      // What cannot be read back is not counted; the failure to write is reported in any case.
    }
  }

  #outcome(end: RecordOutcome['end'], failure: NatsxError | undefined): RecordOutcome {
    const { messages, firstSeq, lastSeq, holeCount } = this.#account;
    return {
      end,
      stream: this.#request.read.stream,
      messages,
      firstSeq,
      lastSeq,
      holes: holeCount,
      missing: this.#missing,
      proven: this.#proven,
      unproven: this.#unlooked,
      heals: this.#heals,
      bytesWritten: this.#file?.bytesWritten ?? 0,
      durationMs: performance.now() - this.#startedMs,
      wanted: this.#request.limits.count,
      resumable: this.#request.stdout === undefined,
      failure,
    };
  }
}

/** Holes that are kept before the stream is asked about them: a few megabytes. */
const MOST_OPEN_HOLES = 250_000;
/** Ranges that are listed at most. */
const MOST_MISSING = 1_000;

const REPAIRED = 'the last line of the file was incomplete and was removed';

/** The first expected sequence, if known. */
function dueFirst(
  { read: { filters, range } }: RecordStreamRequest,
  { info }: OpenedStream,
  recordedSeq: number | undefined,
): number | undefined {
  if (filters.length > 0) return undefined;
  if (recordedSeq !== undefined) return recordedSeq + 1;
  // For a stream that never had a message, newer servers report 0.
  const firstSeq = Math.max(1, info.state.first_seq);
  if (range.start.from === 'first') return firstSeq;
  return range.start.from === 'seq' ? Math.max(range.start.seq, firstSeq) : undefined;
}

/** The last expected sequence if the end is reached; unknown for an end by time. */
function dueLast(
  { read: { range } }: RecordStreamRequest,
  opened: OpenedStream | undefined,
): number {
  const { seq = Infinity, timeMs } = range.end;
  const last = opened?.info.state.last_seq ?? 0;
  return timeMs === undefined ? Math.min(seq, last) : 0;
}

function fromSeq(seq: number): ReadStart {
  return { from: 'seq', seq };
}
