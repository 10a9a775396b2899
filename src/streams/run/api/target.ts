import { closestNames } from '../../../core/closest-names.js';
import { lettersOf, type NamePattern } from '../../model/name-pattern.js';
import { NatsxError } from '../../../core/errors.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { openJetStreamApi, type JetStreamApi } from './jetstream-api.js';
import { readConsumer, readStream } from './jetstream-entities.js';
import { consumerNames, streamNames } from './jetstream-names.js';
import { listStreams } from './stream-list.js';
import { agree } from '../../../core/wording.js';

/** What does not answer by then is left to the reading itself, which waits longer. */
const LOOKUP_TIMEOUT_MS = 2_000;

type Port = Parameters<typeof openJetStreamApi>[0];

/** Which streams and consumers are meant, by name, pattern or subject. */
interface Target {
  readonly stream?: string | undefined;
  readonly consumer?: string | undefined;
  readonly streams?: NamePattern | undefined;
  readonly consumers?: NamePattern | undefined;
  readonly subject?: string | undefined;
  readonly scope: JetStreamScope;
}

/** What was read of them. */
interface Read {
  readonly streams: readonly { readonly consumers: readonly unknown[] }[];
  readonly missing: readonly { readonly isBeside?: boolean | undefined }[];
}

/**
 * Reports a name, pattern or subject without a match at once, with similar ones; everything else is for the report to
 * say.
 *
 * @throws {NatsxError} not-found
 */
export async function checkTarget(port: Port, request: Target): Promise<void> {
  const { stream, consumer, scope } = request;
  if (!isChoice(request)) return;
  const timeoutMs = Math.min(scope.timeoutMs, LOOKUP_TIMEOUT_MS);
  const api = openJetStreamApi(port, { ...scope, timeoutMs });
  try {
    if (stream !== undefined && consumer !== undefined) await readConsumer(api, stream, consumer);
    else if (stream !== undefined) await readStream(api, stream);
    const subject = request.subject;
    const names =
      stream === undefined || subject !== undefined ? await streamNames(api, subject) : [];
    if (subject !== undefined && !names.some((name) => stream === undefined || name === stream))
      throw await noSuchSubject(api, subject, stream);
    await checkPatterns(api, request, names);
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'not-found') throw error;
    // No leader, no permission, no answer: the report says so.
  }
}

/**
 * The same for what was read: matching consumers can be created and removed meanwhile.
 *
 * @throws {NatsxError} not-found — everything was read, and no consumer matches
 */
export async function checkMatched(
  port: Port,
  request: Target,
  { streams, missing }: Read,
): Promise<void> {
  if (request.consumers === undefined || missing.some(({ isBeside }) => isBeside !== true)) return;
  if (streams.some(({ consumers }) => consumers.length > 0)) return;
  await checkTarget(port, request);
}

function isChoice({ stream, streams, consumers, subject }: Target): boolean {
  return [stream, streams, consumers, subject].some((one) => one !== undefined);
}

async function checkPatterns(
  api: JetStreamApi,
  { stream, streams, consumers, subject }: Target,
  names: readonly string[],
): Promise<void> {
  const chosen =
    stream === undefined ? names.filter((name) => streams?.matches(name) ?? true) : [stream];
  if (streams !== undefined && chosen.length === 0) {
    const all = subject === undefined ? names : await streamNames(api);
    throw notFound(`no stream matches "${streams.text}"`, await streamHint(api, streams.text, all));
  }
  if (consumers === undefined) return;
  const seen: string[] = [];
  for (const name of chosen) {
    const own = await consumerNames(api, name);
    if (own.some(consumers.matches)) return;
    seen.push(...own);
  }
  const [only] = chosen;
  const where = chosen.length === 1 ? `the stream "${only ?? ''}"` : 'any of the streams';
  const hint = nameHint(consumers.text, [...new Set(seen)], 'consumer');
  throw notFound(`no consumer of ${where} matches "${consumers.text}"`, hint);
}

async function noSuchSubject(
  api: JetStreamApi,
  subject: string,
  stream: string | undefined,
): Promise<NatsxError> {
  const configs = (await listStreams(api)).map(({ config }) => config);
  const own = stream === undefined ? configs : configs.filter(({ name }) => name === stream);
  const subjects = [...new Set(own.flatMap((config) => config.subjects ?? []))];
  const who = stream === undefined ? 'no stream stores' : `the stream "${stream}" does not store`;
  return notFound(
    `${who} subjects that match "${subject}"`,
    nameHint(subject, subjects, 'subject'),
  );
}

async function streamHint(
  api: JetStreamApi,
  text: string,
  names: readonly string[],
): Promise<string | undefined> {
  if (text.includes('>')) return `to choose streams by subject: --subject '${text}'`;
  const [stream = '', consumer = '', ...more] = text.split('.');
  if (more.length === 0 && /^[\w-]+$/.test(consumer) && names.includes(stream)) {
    const known = await consumerNames(api, stream);
    const [near = consumer] = known.includes(consumer)
      ? [consumer]
      : closestNames(consumer, known, 1);
    return `a stream and its consumer are two words: did you mean natsx backlog ${stream} ${near}?`;
  }
  return nameHint(text, names, 'stream');
}

function nameHint(
  text: string,
  names: readonly string[],
  what: 'stream' | 'consumer' | 'subject',
): string | undefined {
  if (names.length === 0) return `there are no ${what}s`;
  const close = closestNames(what === 'subject' ? text : lettersOf(text), names);
  if (close.length > 0) return `did you mean ${close.join(' or ')}?`;
  if (names.length <= 5)
    return `the ${what}${agree(names.length, ' is', 's are')} ${names.join(', ')}`;
  return what === 'subject' ? 'natsx stream ls lists the streams' : `natsx ${what} ls lists them`;
}

function notFound(message: string, hint: string | undefined): NatsxError {
  return new NatsxError('not-found', message, { hint });
}
