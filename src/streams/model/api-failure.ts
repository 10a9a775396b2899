import type { Missing } from './snapshot.js';
import { PERMISSION_HINT } from '../../connection/model/connection-hints.js';
import { isOffCode, JETSTREAM_OFF } from '../../connection/model/api-scope.js';
import type { ErrorKind } from '../../core/errors.js';
import { NatsxError } from '../../core/errors.js';
import { parseExactJson } from '../../core/message/exact-json.js';

/** The `error` member of JetStream's answers. */
export interface ApiError {
  /** As in HTTP, 300 to 599. */
  readonly code: number;
  /** The kind of error; servers older than 2.7 lack it. */
  readonly err_code?: number;
  readonly description?: string;
}

/** `err_code`s that natsx acts upon; the server's own list is its `errors.json`. */
export const API_CODE = {
  clusterIncomplete: 10004,
  notAvailable: 10008,
  notLeader: 10009,
  consumerNotFound: 10014,
  noMessage: 10037,
  offForAccount: JETSTREAM_OFF.account,
  sequenceNotFound: 10043,
  streamNotMade: 10049,
  streamExists: 10058,
  streamNotFound: 10059,
  subjectsOverlap: 10065,
  off: JETSTREAM_OFF.server,
  noResources: 10023,
  noMemory: 10028,
  noStorage: 10047,
  filtersOverlap: 10138,
  consumerExists: 10148,
  resetRefused: 10204,
  ttlDisabled: 10166,
  atomicDisabled: 10174,
  batchIncomplete: 10176,
  schedulesDisabled: 10188,
  scheduleTarget: 10190,
  batchTooLarge: 10199,
  fastDisabled: 10205,
} as const;

/** The error of an answer; undefined when it is a success. */
export function apiErrorOf(answer: object): ApiError | undefined {
  return (answer as { readonly error?: ApiError }).error;
}

/**
 * Reads an answer of JetStream.
 *
 * @param what as for {@link apiFailure}
 * @throws {NatsxError} as {@link apiFailure}
 */
export function readApiAnswer(text: string, what: string): object {
  const answer = parseExactJson(text) as object;
  const error = apiErrorOf(answer);
  if (error !== undefined) throw apiFailure(error, what);
  return answer;
}

const LEADER_HINT = 'the cluster may have no leader now: try again, or ask its operator';
const RESOURCES_HINT =
  'the storage that the server (max_file, max_mem) or the account allows is used up: purge or remove streams, or raise it; natsx doctor --monitor URL shows both';

const KINDS: ReadonlyMap<number, readonly [kind: ErrorKind, hint?: string]> = new Map([
  [API_CODE.streamNotFound, ['not-found', 'natsx stream ls lists the streams']],
  [API_CODE.consumerNotFound, ['not-found', 'natsx consumer ls STREAM lists the consumers']],
  [API_CODE.noMessage, ['not-found']],
  [API_CODE.sequenceNotFound, ['not-found']],
  [API_CODE.notAvailable, ['connection', LEADER_HINT]],
  [API_CODE.clusterIncomplete, ['connection', LEADER_HINT]],
  [API_CODE.notLeader, ['connection', LEADER_HINT]],
  [API_CODE.noResources, ['rejected', RESOURCES_HINT]],
  [API_CODE.noStorage, ['rejected', RESOURCES_HINT]],
  [API_CODE.noMemory, ['rejected', RESOURCES_HINT]],
  [API_CODE.ttlDisabled, ['rejected', 'natsx stream edit STREAM --allow-msg-ttl allows it']],
  [API_CODE.atomicDisabled, ['rejected', 'natsx stream edit STREAM --allow-batch allows it']],
  [API_CODE.fastDisabled, ['rejected', 'natsx stream edit STREAM --allow-fast allows it']],
  [
    API_CODE.schedulesDisabled,
    ['rejected', 'natsx stream edit STREAM --allow-schedules allows it'],
  ],
  [
    API_CODE.scheduleTarget,
    ['rejected', 'the target must be another subject of the same stream, without wildcards'],
  ],
  [
    API_CODE.filtersOverlap,
    ['rejected', 'servers before 2.14 take only filters that have no subject in common'],
  ],
  [API_CODE.subjectsOverlap, ['rejected', 'natsx stream ls shows which stream has the subjects']],
] as const);

/**
 * What an error answer of JetStream means.
 *
 * @param what what was asked and of what, such as `reading the stream "ORDERS"`
 */
export function apiFailure(error: ApiError, what: string): NatsxError {
  const code = error.err_code ?? 0;
  const details = {
    code: error.code,
    err_code: code,
    description: error.description ?? '',
  };
  if (isOffCode(code)) {
    return jetStreamOff(code === API_CODE.off ? 'the server' : 'this account', details);
  }
  const [kind, hint] = KINDS.get(code) ?? ['rejected' as const];
  const number = code === 0 ? `${error.code}` : `${code}`;
  const reason = error.description ?? 'the server gave no reason';
  return new NatsxError(kind, `${what}: ${reason} (${number})`, { hint, details });
}

/** There is no answer on the API's subjects: JetStream is off, or the prefix is another one. */
export function noJetStream(apiPrefix: string): NatsxError {
  if (apiPrefix === '$JS.API') return jetStreamOff('the server', { api_prefix: apiPrefix });
  return new NatsxError('not-found', `no JetStream answers under "${apiPrefix}"`, {
    hint: 'check --js-domain and --js-api-prefix; natsx context show names their origin',
    details: { api_prefix: apiPrefix },
  });
}

/** @param what as for {@link apiFailure} */
export function apiTimeout(what: string, cause: unknown): NatsxError {
  return new NatsxError('timeout', `${what}: JetStream did not answer in time`, {
    hint: 'raise --timeout; a cluster without a leader does not answer',
    cause,
  });
}

function jetStreamOff(
  where: string,
  details: Readonly<Record<string, string | number>>,
): NatsxError {
  return new NatsxError('not-found', `JetStream is off for ${where}`, {
    hint: 'connect to a server or account with JetStream, or name its --js-domain',
    details,
  });
}

/**
 * Whether a stream could not be created because its folder could not. A server removes the folder of an account's
 * streams a moment after it has answered that the last stream is gone, and the next stream may be created in that
 * moment. Asking once more helps.
 */
export function lacksFolder({ err_code, description }: Partial<ApiError>): boolean {
  // The code is that of every stream that cannot be made.
  return err_code === API_CODE.streamNotMade && description === 'error creating store for stream';
}

/** JetStream's own number for a failure; undefined when it was another one. */
export function apiCodeOf(error: unknown): number | undefined {
  const code = error instanceof NatsxError ? error.details?.['err_code'] : undefined;
  return typeof code === 'number' ? code : undefined;
}

/** A listing or scan in which no stream could be read for want of permission; undefined for any other. */
export function deniedStreams(missing: readonly Missing[]): NatsxError | undefined {
  const denied = missing.find(
    ({ kind, why }) => why === 'denied' && (kind === 'streams' || kind === 'stream'),
  );
  return denied && new NatsxError('auth', denied.detail, { hint: denied.hint ?? PERMISSION_HINT });
}
