import type { NatsxError } from '../../core/errors.js';

/** Round trips to one resolved address of one server. */
export interface AddressRoundTrip {
  /** The address that was dialled, such as `127.0.0.1:4222` or `[::1]:4222`. */
  readonly address: string;
  /** The server's own name; undefined when it was not reached. */
  readonly serverName: string | undefined;
  /** One entry a PING, in the order of sending, in nanoseconds; empty when the address was not reached. */
  readonly samplesNs: readonly number[];
  readonly error: NatsxError | undefined;
}

/** Round trips to one server as the user named it. */
export interface ServerRoundTrip {
  /** Where several contexts are measured: the one that names it. */
  readonly context?: string | undefined;
  readonly server: string;
  readonly addresses: readonly AddressRoundTrip[];
  /** Why there are no addresses at all, such as a name that is not known. */
  readonly error: NatsxError | undefined;
}

/** All failures, in the order of the servers. */
export function roundTripFailures(servers: readonly ServerRoundTrip[]): readonly NatsxError[] {
  return servers
    .flatMap((server) => [server.error, ...server.addresses.map((one) => one.error)])
    .filter((error) => error !== undefined);
}

/** The first failure of all, for the exit code; undefined when everything was reached. */
export function firstFailure(servers: readonly ServerRoundTrip[]): NatsxError | undefined {
  return roundTripFailures(servers)[0];
}
