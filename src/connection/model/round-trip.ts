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
  readonly server: string;
  readonly addresses: readonly AddressRoundTrip[];
  /** Why there are no addresses at all, such as a name that is not known. */
  readonly error: NatsxError | undefined;
}

/** The first failure of all, for the exit code; undefined when everything was reached. */
export function firstFailure(servers: readonly ServerRoundTrip[]): NatsxError | undefined {
  return servers
    .flatMap((server) => [server.error, ...server.addresses.map((one) => one.error)])
    .find((error) => error !== undefined);
}
