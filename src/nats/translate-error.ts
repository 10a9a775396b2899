import { errors } from '@nats-io/transport-node';

import { NO_TLS_HINT } from '../domain/connection/connection-hints.js';
import type { ErrorKind } from '../domain/errors.js';
import { NatsxError } from '../domain/errors.js';

const REFUSED_HINT =
  'is a server running there? name another with --server, or wait with --wait-for-server 30s';
const SILENT_HINT =
  'is it a NATS client port? a server with handshake_first needs --tls-first; --timeout gives it longer';
const AUTH_HINT = 'check the credentials: natsx context show says where each of them comes from';
const TLS_HINT =
  'name the certificate authority with --tls-ca, or check the host name of the server';

/** Node's error codes that mean: there is no server to be had at this address. */
const NETWORK_CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  EPIPE: 'the connection was closed',
};

/**
 * Says what a failure of the NATS client means, by its class and code. Errors that are already natsx's
 * own pass through; what is not known stays a bug report.
 *
 * @param what what was being done and on what, such as `publishing to "a.b"`
 */
export function translateError(error: unknown, what: string): NatsxError {
  if (error instanceof NatsxError) return error;
  const found = chainOf(error)
    .map((link) => translateOne(link, what))
    .find((one) => one !== undefined);
  if (found !== undefined) return found;
  return new NatsxError('internal', `${what} failed: ${messageOf(error)}`, { cause: error });
}

/** The same for an attempt to connect, where a time-out and a foreign protocol mean: no NATS server there. */
export function translateConnectError(error: unknown, servers: string): NatsxError {
  if (error instanceof NatsxError) return error;
  const what = `connecting to ${servers}`;
  const chain = chainOf(error);
  for (const link of chain) {
    const one = translateTls(link, servers) ?? translateAuth(link, servers);
    if (one !== undefined) return one;
  }
  for (const link of chain) {
    const reason = networkReason(link);
    if (reason !== undefined) return connectionError(`cannot reach ${servers}: ${reason}`, error);
    if (link instanceof errors.TimeoutError) {
      return connectionError(
        `cannot reach ${servers}: no NATS server answered in time`,
        error,
        SILENT_HINT,
      );
    }
  }
  return connectionError(
    `${what} failed: ${messageOf(error) || 'the connection was closed'}`,
    error,
  );
}

function connectionError(message: string, cause: unknown, hint = REFUSED_HINT): NatsxError {
  return new NatsxError('connection', message, { hint, cause });
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

function networkReason(error: unknown): string | undefined {
  return NETWORK_CODES[codeOf(error)];
}

function translateTls(error: unknown, servers: string): NatsxError | undefined {
  const code = codeOf(error);
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|ALERT_UNKNOWN_CA/.test(code)) {
    return new NatsxError('auth', `${servers} demands a client certificate that it trusts`, {
      hint: 'give --tls-cert and --tls-key',
      cause: error,
    });
  }
  const isTls =
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|ALTNAME/.test(code) ||
    code === 'DEPTH_ZERO_SELF_SIGNED_CERT';
  if (!isTls) return undefined;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return connectionError(`${servers} does not answer with TLS`, error, NO_TLS_HINT);
  }
  return connectionError(`TLS with ${servers} failed: ${tlsReason(error)}`, error, TLS_HINT);
}

/** OpenSSL's own messages are a line of numbers and places in its source, with the reason inside. */
function tlsReason(error: unknown): string {
  const { library, reason } = error as { readonly library?: unknown; readonly reason?: unknown };
  const isOpenSsl = library !== undefined && typeof reason === 'string' && reason !== '';
  return isOpenSsl ? reason : messageOf(error).trim();
}

function translateAuth(error: unknown, servers: string): NatsxError | undefined {
  if (error instanceof errors.UserAuthenticationExpiredError) {
    return new NatsxError('auth', `the credentials for ${servers} have expired`, {
      hint: 'get new credentials, then try again',
      cause: error,
    });
  }
  if (error instanceof errors.AuthorizationError) {
    return new NatsxError('auth', `${servers} refused the credentials: ${error.message}`, {
      hint: AUTH_HINT,
      cause: error,
    });
  }
  return undefined;
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
    (what) => `${what}: nobody is listening there`,
    'start a responder: natsx reply SUBJECT --echo',
  ],
  [
    (e) => e instanceof errors.TimeoutError,
    'timeout',
    (what) => `${what}: no answer in time`,
    'give it longer with --timeout',
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

function translateOne(error: unknown, what: string): NatsxError | undefined {
  if (error instanceof errors.PermissionViolationError) return permissionError(error);
  const auth = translateAuth(error, 'the server');
  if (auth !== undefined) return auth;
  const reason = networkReason(error);
  if (reason !== undefined) return connectionError(`${what}: ${reason}`, error);
  if (error instanceof errors.ProtocolError) return translateProtocol(error, what);
  const found = TRANSLATIONS.find(([matches]) => matches(error));
  if (found === undefined) return undefined;
  const [, kind, say, hint] = found;
  return new NatsxError(kind, say(what, error), { hint, cause: error });
}

function permissionError(error: InstanceType<typeof errors.PermissionViolationError>): NatsxError {
  const action = error.operation === 'publish' ? 'publish to' : 'subscribe to';
  const queue =
    error.queue === undefined || error.queue === '' ? '' : ` in the queue group "${error.queue}"`;
  return new NatsxError(
    'auth',
    `the server denied permission to ${action} "${error.subject}"${queue}`,
    {
      hint: 'natsx info shows the permissions of this user; ask the operator for more',
      cause: error,
      details: { operation: error.operation, subject: error.subject },
    },
  );
}

/** The server's other complaints (`-ERR`) come as text only; these are its fixed wordings. */
function translateProtocol(error: Error, what: string): NatsxError {
  const text = error.message.toLowerCase();
  if (text.includes('maximum payload')) {
    return new NatsxError('rejected', `${what}: the message is larger than the server allows`, {
      hint: 'natsx info shows the limit (max_payload)',
      cause: error,
    });
  }
  if (text.includes('revoked') || text.includes('expired')) {
    return new NatsxError('auth', `the credentials were refused: ${error.message}`, {
      hint: AUTH_HINT,
      cause: error,
    });
  }
  return new NatsxError('connection', `${what}: the server said "${error.message}"`, {
    cause: error,
  });
}
