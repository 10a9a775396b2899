import { formatDurationMs } from '../../core/values/duration.js';
import { NatsxError } from '../../core/errors.js';
import { CLIENT_PORT_HINT } from './connection-hints.js';

/** How far the first contact is. */
export type GreetingStage = 'connecting' | 'securing' | 'waiting for INFO' | 'authenticating';

export const PORT_HINT =
  'is it a NATS client port? 4222 is the usual one; a server with handshake_first needs --tls-first';

/** Nothing arrived in time. `server` is the address for the message, as in all of these. */
export function greetingTimeout(
  server: string,
  timeoutMs: number,
  stage: GreetingStage,
): NatsxError {
  const silent = stage === 'waiting for INFO';
  const message = silent
    ? `${server} accepted the connection but sent no NATS greeting within ${formatDurationMs(timeoutMs)}`
    : `the connection to ${server} timed out after ${formatDurationMs(timeoutMs)} (${stage})`;
  return new NatsxError('connection', message, {
    hint: silent ? PORT_HINT : 'check the address and the network, or raise --timeout',
    details: { server },
  });
}

export function closedBeforeGreeting(server: string): NatsxError {
  return new NatsxError(
    'connection',
    `the server ${server} closed the connection without a NATS greeting`,
    { hint: PORT_HINT, details: { server } },
  );
}

export function notNats(server: string): NatsxError {
  return new NatsxError('connection', `${server} does not speak the NATS protocol`, {
    hint: PORT_HINT,
    details: { server },
  });
}

export function noTlsOffered(server: string): NatsxError {
  return new NatsxError('connection', `the server ${server} offers no TLS`, {
    hint: 'leave out the TLS flags and tls:// only if the network can be trusted',
    details: { server },
  });
}

/** @param port what it is for, such as `a route port` */
export function notForClients(server: string, port: string): NatsxError {
  return new NatsxError('connection', `this port is not for clients (${server}: ${port})`, {
    hint: CLIENT_PORT_HINT,
    details: { server },
  });
}

/**
 * Why no server took the connection. A single failure is the reason; of several, a refused credential says more than a
 * refused connection.
 */
export function noServerError(failures: readonly NatsxError[]): NatsxError {
  const [first, ...rest] = failures;
  if (first === undefined) return new NatsxError('connection', 'no server is configured');
  if (rest.length === 0) return first;
  const auth = failures.find(({ kind }) => kind === 'auth');
  if (auth !== undefined) return auth;
  const reasons = failures.map(({ message }) => message).join('; ');
  return new NatsxError('connection', `none of ${failures.length} servers answered: ${reasons}`, {
    hint: first.hint,
    cause: first,
  });
}
