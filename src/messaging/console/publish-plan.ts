import { usageError } from '../../core/errors.js';
import type { MessageHeaders } from '../../core/message/message.js';
import type { MessageMaker, MessageParts } from '../../core/message/message-maker.js';
import { constantMaker, templateMaker } from '../../core/message/message-maker.js';
import type { Pace } from '../../core/values/pace.js';
import { parsePublishSubject } from '../../core/subject/subject.js';
import { StrictMapping } from '../../core/subject/subject-mapping.js';
import { chooseBody, readBody, type BodyChoice } from '../flags/body-input.js';
import { headersOf, templateEnvironment } from '../flags/message-flags.js';
import type { PublishFlagValues } from '../flags/publish-flags.js';
import type { MessageBatches } from './message-source.js';
import { jsonLinesOf, linesOf, repeated } from './message-source.js';
import { checkInputFile } from '../../terminal/stdin.js';

/** What to publish, and how fast. */
export interface PublishPlan {
  readonly source: MessageBatches;
  readonly pace: Pace;
  /** How many messages there will be, if known. */
  readonly goal: number | undefined;
  /** Mappings that have matched no message so far, as given. */
  readonly unusedMappings: () => readonly string[];
}

interface PublishArguments {
  readonly subject?: string | undefined;
  readonly body?: string | undefined;
}

/**
 * Everything that can be checked before connecting is checked here; a whole body is read.
 *
 * @throws {NatsxError} usage
 */
export async function publishPlan(
  args: PublishArguments,
  flags: PublishFlagValues,
  signal: AbortSignal,
): Promise<PublishPlan> {
  const choice = chooseBody(args.body, flags);
  const headers = headersOf(flags);
  const pace = paceOf(flags);
  if (choice.type === 'jsonl') {
    const mapping = mappingOf(args.subject, flags);
    const source = jsonSource(choice, args.subject, { ...flags, headers, mapping });
    const unusedMappings = (): readonly string[] => mapping?.unused ?? [];
    return { source, pace, goal: undefined, unusedMappings };
  }
  if (args.subject === undefined) {
    throw usageError('no subject was given', 'the usage is: natsx pub SUBJECT BODY');
  }
  const makerFor = (body: Uint8Array): MessageMaker =>
    maker({ subject: args.subject ?? '', reply: flags.reply, headers, body }, flags.template);
  if (choice.type === 'lines') {
    if (choice.origin.from === 'file') checkInputFile(choice.origin.path);
    const source = lineSource(choice, makerFor, flags.template === true);
    return { source, pace, goal: undefined, unusedMappings: () => [] };
  }
  const make = makerFor(await readBody(choice, signal));
  const goal = flags.count ?? 1;
  return { source: repeated(make, goal), pace, goal, unusedMappings: () => [] };
}

function maker(parts: MessageParts, template: boolean | undefined): MessageMaker {
  return template === true
    ? templateMaker(parts, { environment: templateEnvironment })
    : constantMaker(parts);
}

function lineSource(
  choice: Extract<BodyChoice, { type: 'lines' }>,
  makerFor: (body: Uint8Array) => MessageMaker,
  template: boolean,
): MessageBatches {
  // Subject, headers and reply are checked before anything is read.
  const message = makerFor(new Uint8Array())({ count: 1 });
  return linesOf(choice.origin, choice.delimiter, (line, number) =>
    template ? makerFor(line)({ count: number }) : { ...message, payload: line },
  );
}

function jsonSource(
  choice: Extract<BodyChoice, { type: 'jsonl' }>,
  subject: string | undefined,
  flags: PublishFlagValues & {
    readonly headers: MessageHeaders | undefined;
    readonly mapping: StrictMapping | undefined;
  },
): MessageBatches {
  if (flags.template === true) {
    throw usageError(
      '--template and --jsonl cannot be used together',
      'JSON lines are published as they are',
    );
  }
  if (choice.origin.from === 'file') checkInputFile(choice.origin.path);
  return jsonLinesOf(choice.origin, {
    subject: subject === undefined ? undefined : parsePublishSubject(subject),
    reply: flags.reply === undefined ? undefined : parsePublishSubject(flags.reply),
    headers: flags.headers,
    mapSubject: flags.mapping?.map,
  });
}

/** stdin is read only once, so each subject must match a mapping. @throws {NatsxError} usage */
function mappingOf(
  subject: string | undefined,
  { map = [] }: PublishFlagValues,
): StrictMapping | undefined {
  if (map.length === 0) return undefined;
  if (subject === undefined) return new StrictMapping(map);
  throw usageError(
    'a subject and --map cannot be used together',
    'the subject replaces that of each line: give only one of them',
  );
}

function paceOf({ rate, interval }: PublishFlagValues): Pace {
  if (rate !== undefined) return { type: 'rate', perSecond: rate };
  if (interval !== undefined && interval > 0) return { type: 'interval', intervalMs: interval };
  return { type: 'unlimited' };
}
