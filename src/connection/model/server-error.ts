import { NatsxError, type ErrorKind } from '../../core/errors.js';
import type { Credentials } from './dial.js';
import { expiredCredential } from './expired-credential.js';
import { PORT_HINT } from './greeting-error.js';
import {
  CLIENT_PORT_HINT,
  CREDENTIALS_HINT,
  INBOX_HINT,
  PERMISSION_HINT,
} from './connection-hints.js';

interface Meaning {
  readonly pattern: RegExp;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string;
  /** The server closes the connection after it. */
  readonly fatal: boolean;
}

/** The protocol has no codes: these texts are what nats-server sends, first match wins. */
const MEANINGS: readonly Meaning[] = [
  {
    pattern: /user authentication expired/i,
    kind: 'auth',
    message: 'the credential has expired',
    hint: 'get new credentials for this user',
    fatal: true,
  },
  {
    pattern: /user authentication revoked/i,
    kind: 'auth',
    message: 'the credential was revoked',
    hint: 'ask the operator of the account for new credentials',
    fatal: true,
  },
  {
    pattern: /account authentication expired/i,
    kind: 'auth',
    message: 'the account has expired',
    hint: 'ask the operator to renew the account',
    fatal: true,
  },
  {
    pattern: /authorization violation|authentication timeout|authentication/i,
    kind: 'auth',
    message: 'the server refused the credentials',
    hint: CREDENTIALS_HINT,
    fatal: true,
  },
  {
    pattern: /secure connection|tls required/i,
    kind: 'connection',
    message: 'the server requires TLS',
    hint: 'use tls:// in --server, or --tls-ca',
    fatal: true,
  },
  {
    pattern: /maximum connections exceeded/i,
    kind: 'connection',
    message: 'the server has reached its maximum of connections',
    hint: 'close other connections or raise max_connections',
    fatal: true,
  },
  {
    pattern: /maximum account active connections exceeded/i,
    kind: 'connection',
    message: 'the account has reached its maximum of connections',
    hint: 'close other connections or raise the limit of the account',
    fatal: true,
  },
  {
    pattern: /maximum subscriptions exceeded/i,
    kind: 'rejected',
    message: 'the server allows no more subscriptions on this connection',
    hint: 'use fewer subjects or a wildcard',
    fatal: false,
  },
  {
    pattern: /maximum payload violation/i,
    kind: 'rejected',
    message: 'the message is larger than the server allows',
    hint: 'natsx info shows max_payload',
    fatal: true,
  },
  {
    pattern: /stale connection/i,
    kind: 'connection',
    message: 'the server closed the connection because its pings were not answered',
    hint: 'this process or the network was too slow',
    fatal: true,
  },
  {
    pattern: /slow consumer/i,
    kind: 'connection',
    message: 'the server closed the connection because messages were not read quickly enough',
    hint: 'spread the work over several subscribers, or raise write_deadline',
    fatal: true,
  },
  {
    pattern: /server shutdown/i,
    kind: 'connection',
    message: 'the server is shutting down',
    hint: 'try another server of the cluster',
    fatal: true,
  },
  {
    pattern: /invalid (publish )?subject/i,
    kind: 'rejected',
    message: 'the server refused the subject',
    hint: 'a subject is a list of tokens separated by dots, without blanks',
    fatal: false,
  },
  {
    pattern: /attempted to connect to|route port|leaf ?node port|gateway port/i,
    kind: 'connection',
    message: 'this port is not for clients',
    hint: CLIENT_PORT_HINT,
    fatal: true,
  },
  {
    pattern: /maximum control line/i,
    kind: 'rejected',
    message: 'the subject, reply subject or queue group is longer than the server allows',
    hint: 'make it shorter; all of them together have max_control_line bytes (4096 unless configured)',
    fatal: true,
  },
  {
    pattern: /duplicate client ?id/i,
    kind: 'connection',
    message: 'another client with this client id has connected',
    hint: 'give each client its own id',
    fatal: true,
  },
  {
    pattern: /cluster name|connection throttling/i,
    kind: 'connection',
    message: 'the server closed the connection',
    hint: 'natsx info shows the limits of the server',
    fatal: true,
  },
];

/** What a server says to a client that it cannot understand: then natsx is wrong, not the server or its settings. */
const NOT_UNDERSTOOD = /unknown protocol|parser error|invalid client protocol|message header/i;

export interface ServerError {
  readonly error: NatsxError;
  /** Whether the server closes the connection after it. */
  readonly fatal: boolean;
}

/**
 * Gives the text of a `-ERR` line its meaning, alike for both engines.
 *
 * @param server the address for the message, without secrets; undefined where it is not known
 */
export function serverError(text: string, server: string | undefined): ServerError {
  const reason = text.replace(/^'|'$/g, '');
  const place = server === undefined ? {} : { server };
  const permission = permissionsViolation(reason, place);
  if (permission !== undefined) return { error: permission, fatal: false };
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(reason));
  const details = { ...place, reason };
  if (meaning === undefined) {
    const kind = NOT_UNDERSTOOD.test(reason) ? 'internal' : 'connection';
    const said = kind === 'internal' ? 'reported a protocol error' : 'refused the connection';
    const name = server === undefined ? 'the server' : `the server ${server}`;
    const message = `${name} ${said}: ${reason}`;
    return { error: new NatsxError(kind, message, { details }), fatal: true };
  }
  const { kind, message, hint, fatal } = meaning;
  return {
    error: new NatsxError(kind, `${message} (${quotation(reason, server)})`, { hint, details }),
    fatal,
  };
}

/**
 * The same for what a server says before it has accepted us.
 *
 * @param nowMs milliseconds since 1970, by which credentials may have expired
 */
export function greetingRefusal(
  text: string,
  server: string,
  credentials: Credentials,
  nowMs: number,
): NatsxError {
  const { error } = serverError(text, server);
  if (error.kind === 'auth') return expiredCredential(credentials, server, nowMs) ?? error;
  // It is more likely that the other side is not a server for clients than that we made a mistake.
  return error.kind === 'internal'
    ? new NatsxError('connection', error.message, { hint: PORT_HINT, details: error.details })
    : error;
}

function quotation(reason: string, server: string | undefined): string {
  return server === undefined ? reason : `${server}: ${reason}`;
}

/** `Permissions Violation for Publish to "subject"`, `… for Subscription to "subject" using queue "name"`. */
function permissionsViolation(
  reason: string,
  place: { readonly server?: string },
): NatsxError | undefined {
  const match = /permissions violation for (publish|subscription) .*?"([^"]*)"/i.exec(reason);
  if (match === null) {
    if (!/permissions violation/i.test(reason)) return undefined;
    return new NatsxError('auth', `not permitted (${quotation(reason, place.server)})`, {
      hint: PERMISSION_HINT,
      details: { ...place, reason },
    });
  }
  const operation = match[1]?.toLowerCase() === 'publish' ? 'publish' : 'subscribe';
  const subject = match[2] ?? '';
  const queue = /using queue "([^"]+)"/i.exec(reason)?.[1];
  const group = queue === undefined ? '' : ` in the queue group ${JSON.stringify(queue)}`;
  const message = `not permitted to ${operation} to ${JSON.stringify(subject)}${group}`;
  const isInbox = operation === 'subscribe' && subject.startsWith('_INBOX.');
  return new NatsxError('auth', message, {
    hint: isInbox ? INBOX_HINT : PERMISSION_HINT,
    details: { ...place, operation, subject },
  });
}
