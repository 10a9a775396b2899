import { formatDurationMs } from '../../core/values/duration.js';
import { statSync } from 'node:fs';

import { NatsxError } from '../../core/errors.js';
import { encodeMessageLine } from '../../core/message/payload-json.js';
import { TimeTexts } from '../../core/message/time-texts.js';
import type { MessageSink, ReadingEnd } from '../../core/message/reading.js';
import { encodeNote, noteIn } from '../model/recorded-line.js';
import type { RecordOutcome } from '../model/record-outcome.js';
import { fileError } from '../../connection/file-error.js';
import { prepareRecording, type RecordingDestination } from './open-recording.js';
import { recordingLines } from './recording-lines.js';
import type { SessionTarget } from '../../wire/open-session.js';
import { hasLimit, type RecordLimits, type RecordWatch } from './record-stream.js';
import { subscribe } from '../../messaging/run/subscribe.js';

export interface RecordSubjectsRequest extends RecordingDestination {
  readonly subjects: readonly string[];
  readonly limits: RecordLimits;
  readonly watch: RecordWatch;
}

/**
 * Writes messages on subjects to a file, from now on. Messages published while there was no connection are missing; the
 * file gets a note.
 *
 * @throws {NatsxError} usage — the file; connection, auth — before anything was recorded
 */
export async function recordSubjects(
  target: SessionTarget,
  request: RecordSubjectsRequest,
  signal: AbortSignal,
): Promise<RecordOutcome> {
  const { path, subjects, limits, watch } = request;
  const recording = await prepareRecording(request);
  if (recording.repaired) watch.notice('the last line of the file was incomplete and was removed');
  const file = recording.open();
  const note = (reason: string, at = new Date().toISOString()): void => {
    file.write(encodeNote({ note: 'gap', at, reason }));
  };
  const resumedAt = recording.resumed ? new Date().toISOString() : undefined;
  if (resumedAt !== undefined) note(RESUMED, resumedAt);
  const broken = new AbortController();
  let failure: NatsxError | undefined;
  const fail = (error: unknown): void => {
    failure ??= fileError('write to', path, error);
    broken.abort();
  };
  file.failed.catch(fail);
  const startedMs = performance.now();
  let messages = 0;
  const times = new TimeTexts();
  const sink: MessageSink = {
    subscribed: () =>
      watch.started(() => ({
        messages,
        goal: limits.count,
        elapsedMs: performance.now() - startedMs,
      })),
    message: (message) => {
      messages += 1;
      return file.write(`${encodeMessageLine(message.toMessage(Date.now()), undefined, times)}\n`)
        ? 'taken'
        : 'full';
    },
    ready: () => file.ready(),
  };
  const noted = withGapNotes(target, note);
  let end: ReadingEnd = 'stopped';
  let gaps = 0;
  let fruitless = true;
  try {
    const interests = subjects.map((pattern) => ({ pattern }));
    const outcome = await subscribe(
      noted,
      { connections: [interests], limits },
      sink,
      AbortSignal.any([signal, broken.signal]),
    );
    end = outcome.end;
    gaps = outcome.gaps;
    const isInterrupted = end === 'stopped' && hasLimit(limits);
    fruitless = messages === 0 && (limits.count !== undefined || isInterrupted);
  } catch (error) {
    fruitless = messages === 0;
    if (fruitless || !(error instanceof NatsxError)) throw error;
    failure ??= error;
  } finally {
    await (fruitless ? file.discard() : file.close().catch(fail));
  }
  if (broken.signal.aborted) messages = await recordedSince(path, resumedAt, messages);
  const resumable = request.stdout === undefined;
  const run = { end, messages, gaps, wanted: limits.count, resumable, failure };
  return outcomeOf(run, file.bytesWritten, performance.now() - startedMs);
}

const RESUMED = 'recording was interrupted';

/**
 * How many messages this recording has in a file that could not be completed: those with complete lines.
 *
 * @param resumedAt of the note with which it continues another recording
 * @param received where the file cannot be read back, as it is a device
 */
async function recordedSince(
  path: string,
  resumedAt: string | undefined,
  received: number,
): Promise<number> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true) return stats === undefined ? 0 : received;
  // The first line is the header.
  let messages = resumedAt === undefined ? -1 : -Infinity;
  try {
    for await (const line of linesIn(path)) {
      const note = noteIn(line);
      if (note === undefined) messages += 1;
      else if (note.reason === RESUMED && note.at === resumedAt) messages = 0;
    }
  } catch {
    // What cannot be read back is not counted; the failure to write is reported in any case.
  }
  return Math.max(0, messages);
}

async function* linesIn(path: string): AsyncGenerator<string> {
  for await (const { lines } of recordingLines(path)) {
    for (const line of lines) yield line.toString();
  }
}

type SubjectsRun = Pick<RecordOutcome, 'messages' | 'wanted' | 'resumable' | 'failure'> & {
  readonly end: ReadingEnd;
  readonly gaps: number;
};

function outcomeOf(
  { end, messages, gaps, wanted, resumable, failure }: SubjectsRun,
  bytesWritten: number,
  durationMs: number,
): RecordOutcome {
  return {
    end: end === 'idle' ? 'duration' : end,
    stream: undefined,
    messages,
    firstSeq: undefined,
    lastSeq: undefined,
    holes: gaps,
    missing: [],
    proven: false,
    heals: gaps,
    bytesWritten,
    durationMs,
    wanted,
    resumable,
    failure,
  };
}

function withGapNotes(target: SessionTarget, note: (reason: string) => void): SessionTarget {
  const { policy } = target;
  return {
    ...target,
    policy: {
      ...policy,
      onEvent: (event) => {
        if (event.type === 'reconnected') {
          note(`there was no connection for ${formatDurationMs(event.gapMs)}`);
        }
        policy.onEvent(event);
      },
    },
  };
}
