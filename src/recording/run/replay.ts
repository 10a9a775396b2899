import { NatsxError, usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import type { ReplayOutcome, ReplayPreview } from '../model/replay-outcome.js';
import { StreamPlaces } from '../../streams/run/publish/stream-places.js';
import type { SessionTarget } from '../../wire/open-session.js';
import { checkRecording } from './recorded-messages.js';
import { isBounded, type ReplayRequest } from './replay-request.js';
import { checkSurvey, nothingInRange, surveyRecording, surveyRemarks } from './recording-survey.js';
import { newReplayId, ReplayProgressFile, type ReplayProgress } from './replay-progress.js';
import { ReplaySieve } from './replay-sieve.js';
import { StreamTarget } from './replay-stream-target.js';
import { CoreTarget } from './replay-target.js';
import { Replayer } from './replayer.js';
import { plural } from '../../core/wording.js';

/** Streams detect duplicates for two minutes by default; minus a margin. */
const USUALLY_RECOGNIZED_MS = 108_000;

/**
 * Publishes a recording, in order. Ends early, with the result so far, when the signal aborts, at a broken line and at a
 * message that a stream refuses.
 *
 * @throws {NatsxError} usage — the file; connection, auth — before anything was published; unhealthy — it
 *   is unknown what the earlier replay has stored
 */
export async function replay(
  target: SessionTarget,
  asked: ReplayRequest,
  signal: AbortSignal,
): Promise<ReplayOutcome> {
  if (asked.stdin === undefined) await checkRecording(asked.path);
  const file = new ReplayProgressFile(asked.stdin === undefined ? asked.path : undefined);
  const before = asked.resume ? earlier(file, asked) : undefined;
  if (!asked.resume) mentionEarlier(file, asked);
  // A duration such as 1h ago keeps the meaning that it had for the earlier replay.
  const request = { ...asked, range: { ...asked.range, ...before?.times } };
  const survey = before === undefined ? await surveyFirst(request, signal) : undefined;
  const known = { file, before, goal: survey?.messages };
  const outcome = request.jetstream
    ? await replayToStreams(target, request, known, signal)
    : await replayToCore(target, request, known, signal);
  return {
    ...outcome,
    unmapped: survey?.unmapped,
    failure: outcome.failure ?? emptyRange(outcome, request),
  };
}

/**
 * What a replay would publish, without a connection.
 *
 * @throws {NatsxError} as {@link replay} before anything was published
 */
export async function previewReplay(
  request: Parameters<typeof surveyRecording>[0],
  signal: AbortSignal,
): Promise<ReplayPreview> {
  if (request.stdin === undefined) await checkRecording(request.path);
  const survey = await surveyRecording(request, signal);
  if (!signal.aborted) checkSurvey(survey, request);
  return survey;
}

/** With a range or a mapping, the file is read before anything is sent: perhaps nothing matches. */
async function surveyFirst(
  request: ReplayRequest,
  signal: AbortSignal,
): Promise<ReplayPreview | undefined> {
  if (request.stdin !== undefined) return undefined;
  if (request.mappings.length === 0 && !isBounded(request.range)) return undefined;
  const survey = await surveyRecording({ ...request, placesOnly: true }, signal);
  if (signal.aborted) return undefined;
  checkSurvey(survey, request);
  for (const remark of surveyRemarks(survey)) request.watch.notice(remark);
  return survey;
}

/** Of stdin it is known only at the end that its range has no message. */
function emptyRange(
  { end, messages, leftOut }: ReplayOutcome,
  { path, stdin }: ReplayRequest,
): NatsxError | undefined {
  const isEmpty = stdin !== undefined && end === 'whole' && messages === 0 && leftOut > 0;
  return isEmpty ? nothingInRange(path, leftOut) : undefined;
}

interface Earlier {
  readonly file: ReplayProgressFile;
  readonly before: ReplayProgress | undefined;
  /** How many messages there are to publish, if known. */
  readonly goal: number | undefined;
}

async function replayToCore(
  target: SessionTarget,
  request: ReplayRequest,
  { file, before, goal }: Earlier,
  signal: AbortSignal,
): Promise<ReplayOutcome> {
  if (before !== undefined) {
    request.watch.notice(
      'the last messages of the previous replay may arrive twice; use -J to rule this out',
    );
  }
  const core = await CoreTarget.open(
    target,
    { timeoutMs: request.scope.timeoutMs, resumable: request.stdin === undefined },
    signal,
  );
  try {
    const beginning = { before, goal, sieve: undefined, id: '', places: undefined };
    return await new Replayer(request, core, file, beginning).run(signal);
  } finally {
    await core.close();
  }
}

async function replayToStreams(
  target: SessionTarget,
  request: ReplayRequest,
  { file, before, goal }: Earlier,
  signal: AbortSignal,
): Promise<ReplayOutcome> {
  const { scope, window, watch, resume } = request;
  const known =
    before?.streams === undefined ? undefined : new StreamPlaces(Object.entries(before.streams));
  const inquiring = (messages: number): void =>
    watch.notice(
      messages === 1
        ? 'a message was not acknowledged: looking for it in its stream'
        : `${messages} messages were not acknowledged: looking for them in their stream`,
    );
  const streams = await StreamTarget.open(
    target,
    { scope, window, places: known, inquiring },
    signal,
  );
  const id = before === undefined ? (resume ? newReplayId() : '') : before.id;
  if (id !== '') watch.notice('each message gets an id, so that none is stored twice');
  try {
    const sieve = before === undefined ? undefined : sieveFor(before, streams, request);
    const { places } = streams;
    return await new Replayer(request, streams, file, { before, goal, sieve, id, places }).run(
      signal,
    );
  } finally {
    await streams.close();
  }
}

/** Finds the stored messages; undefined if the streams will detect duplicates, or if duplicates are accepted. */
function sieveFor(
  before: ReplayProgress,
  streams: StreamTarget,
  { acceptDuplicates, window, path, watch }: ReplayRequest,
): ReplaySieve | undefined {
  if (acceptDuplicates) return undefined;
  const gapMs = before.at === undefined ? Infinity : Date.now() - Date.parse(before.at);
  const hasIds = before.id !== '';
  if (before.streams !== undefined) {
    const isRecognized = async (subject: string): Promise<boolean> =>
      hasIds && gapMs < (await streams.recognizesForMs(subject));
    return new ReplaySieve(streams.arrivals(), before.window ?? window, isRecognized);
  }
  if (hasIds && gapMs < USUALLY_RECOGNIZED_MS) {
    watch.notice('the streams cannot be read: assuming a duplicate window of two minutes');
    return undefined;
  }
  throw cannotTell(path, before);
}

function cannotTell(path: string, { line }: ReplayProgress): NatsxError {
  return new NatsxError(
    'unhealthy',
    `it is unknown how many messages of ${quoted(path)} after line ${line} are stored: the previous replay could not read the streams`,
    {
      hint: 'compare the stream with the recording; --accept-duplicates continues after that line anyway',
      details: { file: path, line },
    },
  );
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
      'give the same flags as before, or remove that file to start from the beginning',
    );
  }
  watch.notice(`continuing after line ${before.line}, with ${messagesOf(before)} published before`);
  return before;
}

/** Users who start again by mistake should notice. */
function mentionEarlier(file: ReplayProgressFile, { watch, path }: ReplayRequest): void {
  let before: ReplayProgress | undefined;
  try {
    before = file.read();
  } catch {
    return;
  }
  if (before === undefined || before.messages === 0) return;
  watch.notice(
    `a replay of ${quoted(path)} stopped after ${messagesOf(before)}; this one starts from the beginning, --resume would continue`,
  );
}

function messagesOf({ messages }: ReplayProgress): string {
  return plural(messages, 'message');
}
