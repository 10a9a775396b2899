import { NatsxError, usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import type { ReplayOutcome } from '../model/replay-outcome.js';
import type { ReplayPreview } from '../model/replay-preview.js';
import { StreamPlaces } from '../../streams/run/publish/stream-places.js';
import type { SessionTarget } from '../../wire/open-session.js';
import { checkRecording } from './recorded-messages.js';
import { isBounded } from './in-range.js';
import { checkSurvey, surveyRecording, surveyRemarks } from './recording-survey.js';
import { newReplayId, ReplayProgressFile, type ReplayProgress } from './replay-progress.js';
import type { ReplayRequest } from './replay-request.js';
import { ReplaySieve } from './replay-sieve.js';
import { StreamTarget } from './replay-stream-target.js';
import { CoreTarget } from './replay-target.js';
import { Replayer } from './replayer.js';

/** Streams recognize repeats for two minutes unless they are told otherwise; some of it is kept in hand. */
const USUALLY_RECOGNIZED_MS = 108_000;

/**
 * Publishes a recording again, in order. Ends early, with what it has, on the signal, on a broken line and on a message
 * that a stream refuses.
 *
 * @throws {NatsxError} usage — the file; connection, auth — before anything was published; unhealthy — an earlier replay
 *   goes on, and nobody can tell what it has stored
 */
export async function replay(
  target: SessionTarget,
  asked: ReplayRequest,
  signal: AbortSignal,
): Promise<ReplayOutcome> {
  await checkRecording(asked.path);
  const file = new ReplayProgressFile(asked.path);
  const before = asked.resume ? earlier(file, asked) : undefined;
  if (!asked.resume) tellOfEarlier(file, asked);
  // A time that was told as so long ago stays where it was.
  const request = { ...asked, range: { ...asked.range, ...before?.times } };
  const survey = before === undefined ? await surveyFirst(request, signal) : undefined;
  const known = { file, before, goal: survey?.messages };
  const outcome = request.jetstream
    ? await replayToStreams(target, request, known, signal)
    : await replayToCore(target, request, known, signal);
  return { ...outcome, unmapped: survey?.unmapped };
}

/**
 * What a replay would publish, without a connection.
 *
 * @throws {NatsxError} as {@link replay} before anything was published
 */
export async function previewReplay(
  request: Pick<ReplayRequest, 'path' | 'range' | 'mapSubject' | 'mappings'>,
  signal: AbortSignal,
): Promise<ReplayPreview> {
  await checkRecording(request.path);
  const survey = await surveyRecording(request, signal);
  checkSurvey(survey, request);
  return survey;
}

/** Where something chooses or renames messages, the file is read before anything is sent: it may fit none of them. */
async function surveyFirst(
  request: ReplayRequest,
  signal: AbortSignal,
): Promise<ReplayPreview | undefined> {
  if (request.mappings.length === 0 && !isBounded(request.range)) return undefined;
  const survey = await surveyRecording(request, signal);
  if (signal.aborted) return undefined;
  checkSurvey(survey, request);
  for (const remark of surveyRemarks(survey)) request.watch.notice(remark);
  return survey;
}

interface Earlier {
  readonly file: ReplayProgressFile;
  readonly before: ReplayProgress | undefined;
  /** How many messages there are to be published, where that is known. */
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
      'what the replay before published last may arrive twice: only -J can tell',
    );
  }
  const core = await CoreTarget.open(target, request.scope.timeoutMs, signal);
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
  if (id !== '') watch.notice('messages get an id, so that none is stored twice');
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

/** What tells which messages are stored; none when the streams will recognize them, or when it does not matter. */
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
    watch.notice('the streams cannot be looked at: they are taken to know repeats for two minutes');
    return undefined;
  }
  throw cannotTell(path, before);
}

function cannotTell(path: string, { line }: ReplayProgress): NatsxError {
  return new NatsxError(
    'unhealthy',
    `nobody can tell how many messages of ${quoted(path)} after line ${line} are stored: the replay before could not look at the streams`,
    {
      hint: 'compare the stream with the recording; --accept-duplicates goes on after that line all the same',
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
      'give the same flags as before, or remove that file to begin anew',
    );
  }
  watch.notice(`going on after line ${before.line}, with ${messagesOf(before)} published before`);
  return before;
}

/** Whoever begins anew by mistake should notice. */
function tellOfEarlier(file: ReplayProgressFile, { watch, path }: ReplayRequest): void {
  let before: ReplayProgress | undefined;
  try {
    before = file.read();
  } catch {
    return;
  }
  if (before === undefined || before.messages === 0) return;
  watch.notice(
    `a replay of ${quoted(path)} stopped after ${messagesOf(before)}, and this one begins anew: --resume would go on`,
  );
}

function messagesOf({ messages }: ReplayProgress): string {
  return messages === 1 ? '1 message' : `${messages} messages`;
}
