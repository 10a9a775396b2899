import { errors } from '@nats-io/transport-node';

import { REFUSED_HINT } from './model/connection-hints.js';
import type { Credentials } from './model/dial.js';
import type { GreetingStage } from './model/greeting-error.js';
import { greetingTimeout } from './model/greeting-error.js';
import { greetingRefusal, serverError } from './model/server-error.js';
import { socketError } from './model/socket-error.js';
import type { ErrorKind } from '../core/errors.js';
import { NatsxError } from '../core/errors.js';

/**
 * Says what a failure of the NATS client means, by its class and code, in the words that the wire uses as well. Errors
 * that are already natsx's own pass through; what is not known is reported as a bug.
 *
 * @param what what was being done and on what, such as `publishing to "a.b"`
 * @param server the address for the message, where it is known
 */
export function translateError(error: unknown, what: string, server?: string): NatsxError {
  const chain = chainOf(error);
  const own = chain.find((link) => link instanceof NatsxError);
  if (own !== undefined) return own;
  const found = chain
    .map((link) => translateOne(link, what, server))
    .find((one) => one !== undefined);
  if (found !== undefined) return found;
  return new NatsxError('internal', `${what} failed: ${messageOf(error)}`, { cause: error });
}

/** How far an attempt to connect went, and the credentials that it used. */
interface GreetingFacts {
  readonly stage: GreetingStage;
  readonly timeoutMs: number;
  readonly credentials: Credentials;
  readonly nowMs: number;
}

/** The same for an attempt to connect. */
export function translateConnectError(
  error: unknown,
  server: string,
  facts: GreetingFacts = { stage: 'connecting', timeoutMs: 0, credentials: {}, nowMs: 0 },
): NatsxError {
  const chain = chainOf(error);
  const own = chain.find((link) => link instanceof NatsxError);
  if (own !== undefined) return own;
  const said = chain.find(isServers);
  if (said !== undefined) {
    return greetingRefusal(said.message, server, facts.credentials, facts.nowMs);
  }
  if (chain.some((link) => link instanceof errors.TimeoutError)) {
    return greetingTimeout(server, facts.timeoutMs, facts.stage);
  }
  const ofSocket = chain.find((link) => codeOf(link) !== '');
  if (ofSocket instanceof Error) return socketError(ofSocket, server);
  return socketError(error instanceof Error ? error : undefined, server);
}

/** What the server itself said: these carry the text of its `-ERR`. */
function isServers(error: unknown): error is Error {
  return (
    error instanceof errors.PermissionViolationError ||
    error instanceof errors.UserAuthenticationExpiredError ||
    error instanceof errors.AuthorizationError ||
    error instanceof errors.ProtocolError
  );
}

/** The error itself, then what caused it: the client wraps what matters. */
function chainOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link !== undefined && chain.length < 8; link = causeOf(link)) {
    chain.push(link);
  }
  return chain;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error === 'string' ? error : '';
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : '';
}

type Translation = readonly [
  matches: (error: unknown) => boolean,
  kind: ErrorKind,
  say: (what: string, error: unknown) => string,
  hint?: string,
];

const TRANSLATIONS: readonly Translation[] = [
  [
    (e) => e instanceof errors.NoRespondersError,
    'no-responders',
    (what) => `${what}: no responders`,
    'start a responder: natsx reply SUBJECT --echo',
  ],
  [
    (e) => e instanceof errors.TimeoutError,
    'timeout',
    (what) => `${what}: no answer in time`,
    'raise --timeout',
  ],
  [
    // What the client makes of everything that still waits when a connection breaks.
    (e) => e instanceof errors.RequestError && e.cause === undefined,
    'connection',
    (what) => `${what}: the connection was lost`,
    REFUSED_HINT,
  ],
  [
    (e) => e instanceof errors.InvalidSubjectError || e instanceof errors.InvalidArgumentError,
    'usage',
    (what, e) => `${what}: ${messageOf(e)}`,
  ],
  [
    (e) =>
      e instanceof errors.ConnectionError ||
      e instanceof errors.ClosedConnectionError ||
      e instanceof errors.DrainingConnectionError,
    'connection',
    (what, e) => `${what}: ${messageOf(e)}`,
    REFUSED_HINT,
  ],
];

function translateOne(
  error: unknown,
  what: string,
  server: string | undefined,
): NatsxError | undefined {
  if (isServers(error)) return serverError(error.message, server).error;
  if (error instanceof Error && NETWORK_CODES.test(codeOf(error))) {
    return socketError(error, server ?? 'the server');
  }
  const found = TRANSLATIONS.find(([matches]) => matches(error));
  if (found === undefined) return undefined;
  const [, kind, say, hint] = found;
  return new NatsxError(kind, say(what, error), { hint, cause: error });
}

/** Node's codes of a connection that cannot be had, or is gone. */
const NETWORK_CODES =
  /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|ERR_TLS\w*|ERR_SSL\w*|CERT_\w+)$/;
