import { NatsxError, usageError } from '../../core/errors.js';
import { recordingName } from '../model/recording-header.js';
import type { ReplayPreview, ReplayedSubject } from '../model/replay-outcome.js';
import type { RecordedMessage } from '../model/recorded-line.js';
import { isBounded, isInRange, type ReplayRequest } from './replay-request.js';
import { recordedMessages, type RecordingInput } from './recorded-messages.js';
import { recordingLines } from './recording-lines.js';
import { suggestMapping } from '../../core/subject/subject-mapping.js';
import { agree } from '../../core/wording.js';

/** Most subjects that are listed; a recording may have millions. */
const MOST_SUBJECTS = 10_000;
/** Subjects that a sentence names at most. */
const MOST_NAMED = 3;

type SurveyRequest = Pick<ReplayRequest, 'path' | 'stdin' | 'range' | 'mapSubject' | 'mappings'> &
  Pick<RecordingInput, 'placesOnly'>;

/**
 * Reads a recording once, without publishing anything. A line that cannot be read ends it, as it would end a replay;
 * with `placesOnly`, most lines are not read to their end.
 *
 * @throws {NatsxError} usage — the file
 */
export async function surveyRecording(
  request: SurveyRequest,
  signal: AbortSignal,
): Promise<ReplayPreview> {
  const { range, mapSubject, mappings } = request;
  const subjects = new Map<string, { to: string; messages: number }>();
  const used = new Set<string>();
  let messages = 0;
  let leftOut = 0;
  let unmapped = 0;
  let otherSubjects = 0;
  let failure: NatsxError | undefined;
  const unmappedSubjects = new Set<string>();
  const look = (subject: string): void => {
    const mapping = mappings.find(({ matches }) => matches(subject));
    if (mapping !== undefined) used.add(mapping.text);
    else if (mappings.length > 0) {
      unmapped += 1;
      if (unmappedSubjects.size <= MOST_NAMED) unmappedSubjects.add(subject);
    }
    const known = subjects.get(subject);
    if (known !== undefined) known.messages += 1;
    else if (subjects.size < MOST_SUBJECTS) {
      subjects.set(subject, { to: mapSubject(subject), messages: 1 });
    } else otherSubjects += 1;
  };
  const add = (recorded: RecordedMessage): void => {
    if (isInRange(range, recorded)) {
      messages += 1;
      look(recorded.message.subject);
    } else leftOut += 1;
  };
  try {
    for await (const group of recordedMessages(request, 0, signal)) {
      if (signal.aborted) break;
      group.messages.forEach(add);
    }
  } catch (error) {
    // The replay reports the line after it has published the messages before.
    if (!(error instanceof NatsxError) || error.details?.['line'] === undefined) throw error;
    failure = error;
  }
  const shares: ReplayedSubject[] = [...subjects].map(([from, share]) => ({ from, ...share }));
  return {
    messages,
    leftOut,
    unmapped,
    unmappedSubjects: [...unmappedSubjects],
    unusedMappings: mappings.map(({ text }) => text).filter((text) => !used.has(text)),
    subjects: shares,
    otherSubjects,
    failure,
  };
}

/**
 * Checks that a replay would do what was requested: an empty range would publish nothing, and a mapping that matches
 * nothing would publish to the original subjects.
 *
 * @throws {NatsxError} not-found — no message is in the range; usage — no mapping matches any of them
 */
export function checkSurvey(survey: ReplayPreview, request: SurveyRequest): void {
  const { messages, leftOut, unmapped, unusedMappings, subjects } = survey;
  const { path, mappings, range } = request;
  if (messages === 0 && leftOut > 0 && isBounded(range)) {
    throw nothingInRange(path, leftOut);
  }
  if (messages === 0 || mappings.length === 0 || unmapped < messages) return;
  const given = unusedMappings.map((text) => `'${text}'`).join(', ');
  const names = subjects.slice(0, MOST_NAMED).map(({ from }) => from);
  const better = suggestMapping(unusedMappings[0] ?? '', names);
  const has = `it has ${names.join(', ')}${subjects.length > names.length ? ' and others' : ''}`;
  throw usageError(
    `no message of ${recordingName(path)} matches --map ${given}: nothing was published`,
    better === undefined ? has : `${has}: did you mean '${better}'?`,
  );
}

export function nothingInRange(path: string, leftOut: number): NatsxError {
  return new NatsxError(
    'not-found',
    `none of the ${leftOut} messages of ${recordingName(path)} is between --from and --to: nothing was published`,
    {
      hint: 'the lines of the recording show its sequences and times',
      details: { left_out: leftOut },
    },
  );
}

/** What users should know before it begins. */
export function surveyRemarks({
  messages,
  unmapped,
  unmappedSubjects,
  unusedMappings,
}: ReplayPreview): readonly string[] {
  const remarks = unusedMappings.map((text) => `no message matches --map '${text}'`);
  if (unmapped > 0) {
    const keep = agree(
      unmapped,
      'matches no --map and keeps its subject',
      'match no --map and keep their subjects',
    );
    const named = unmappedSubjects.slice(0, MOST_NAMED).join(', ');
    const more = unmappedSubjects.length > MOST_NAMED ? ' …' : '';
    remarks.push(`${unmapped} of ${messages} messages ${keep}: ${named}${more}`);
  }
  return remarks;
}

/** Counts the messages of a recording in the background, from the first time the count is needed. */
export class MessageCount {
  readonly #input: RecordingInput;
  #counting: Promise<void> | undefined;
  #ended = false;
  #known: number | undefined;

  constructor(input: RecordingInput) {
    this.#input = input;
  }

  /** Undefined until the whole file has been read, and for stdin. */
  get known(): number | undefined {
    if (this.#input.stdin !== undefined) return undefined;
    // A file that cannot be read has no total; the replay reports why.
    this.#counting ??= this.#count().catch(() => undefined);
    return this.#known;
  }

  stop(): void {
    this.#ended = true;
  }

  async #count(): Promise<void> {
    let lines = 0;
    for await (const found of recordingLines(this.#input.path)) {
      if (this.#ended) return;
      lines += found.lines.filter((line) => !line.subarray(0, NOTE.length).equals(NOTE)).length;
    }
    this.#known = Math.max(0, lines - 1);
  }
}

const NOTE = Buffer.from('{"natsx_note"');
