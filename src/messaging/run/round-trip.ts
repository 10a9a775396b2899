import type { ConnectionPolicy } from '../../connection/model/connection-policy.js';
import type { DialOptions } from '../../connection/model/dial.js';
import { NatsxError } from '../../core/errors.js';
import type { AddressRoundTrip, ServerRoundTrip } from '../../connection/model/round-trip.js';
import { firstFailure } from '../../connection/model/round-trip.js';
import type { Lane } from '../../wire/lane.js';
import { openLaneTo, resolveHost } from '../../wire/open-lane.js';
import type { ServerAddress } from '../../wire/server-address.js';
import { parseServerAddress } from '../../wire/server-address.js';
import { Patience } from '../../connection/patience.js';
import { unlessAborted } from '../../connection/abortable.js';

export interface RoundTripRequest {
  /** PINGs to each address. */
  readonly count: number;
  /** natsx's version, for the server. */
  readonly version: string;
  /** How long to keep trying to reach the servers. */
  readonly waitForServerMs: number;
  readonly onEvent: ConnectionPolicy['onEvent'];
}

/**
 * Measures PING to PONG for each server and each address that its name resolves to, one after the other.
 * A server that cannot be reached is a value in the result. Stops early when the signal aborts, with the result so far.
 */
export async function measureRoundTrips(
  dial: DialOptions,
  request: RoundTripRequest,
  signal: AbortSignal,
): Promise<readonly ServerRoundTrip[]> {
  const servers: ServerRoundTrip[] = [];
  const patience = new Patience(request);
  for (const [place, server] of dial.servers.entries()) {
    if (signal.aborted) break;
    const named = parseServerAddress(server, place);
    servers.push(await measurePatiently(dial, { server, named }, { ...request, patience }, signal));
  }
  return servers;
}

interface PatientRequest extends RoundTripRequest {
  readonly patience: Patience;
}

interface NamedServer {
  /** As the user named it, without secrets. */
  readonly server: string;
  readonly named: ServerAddress;
}

/** A server that cannot be reached at any of its addresses is tried again until the deadline. */
async function measurePatiently(
  dial: DialOptions,
  server: NamedServer,
  request: PatientRequest,
  signal: AbortSignal,
): Promise<ServerRoundTrip> {
  for (;;) {
    const measured = await measureServer(dial, server, request, signal);
    const failure = firstFailure([measured]);
    const isThere = measured.addresses.some(({ error }) => error === undefined);
    if (isThere || failure?.kind !== 'connection') return measured;
    if (signal.aborted || !(await request.patience.pause(failure.message, signal))) return measured;
  }
}

async function measureServer(
  dial: DialOptions,
  { server, named }: NamedServer,
  request: RoundTripRequest,
  signal: AbortSignal,
): Promise<ServerRoundTrip> {
  try {
    const addresses: AddressRoundTrip[] = [];
    for (const ip of await resolveHost(named, dial.timeoutMs)) {
      if (signal.aborted) break;
      const measured = await measureAddress(dial, atAddress(named, ip), request, signal);
      if (measured !== undefined) addresses.push(measured);
    }
    return { server, addresses, error: undefined };
  } catch (error) {
    return { server, addresses: [], error: asFailure(error) };
  }
}

/** The same server at one of its addresses; its certificate is still checked against the name. */
function atAddress(named: ServerAddress, ip: string): ServerAddress {
  const label = ip.includes(':') ? `[${ip}]:${named.port}` : `${ip}:${named.port}`;
  return { ...named, host: ip, label, certificateName: named.certificateName ?? named.host };
}

/** @returns undefined if it was stopped before anything was measured */
async function measureAddress(
  dial: DialOptions,
  address: ServerAddress,
  request: RoundTripRequest,
  signal: AbortSignal,
): Promise<AddressRoundTrip | undefined> {
  try {
    const lane = await openUnlessAborted(address, dial, request.version, signal);
    if (lane === undefined) return undefined;
    try {
      const samplesNs: number[] = [];
      while (samplesNs.length < request.count && !signal.aborted) {
        samplesNs.push(await lane.rttNs(dial.timeoutMs));
      }
      if (samplesNs.length === 0) return undefined;
      const serverName = lane.info.server_name;
      return { address: address.label, serverName, samplesNs, error: undefined };
    } finally {
      await lane.close();
    }
  } catch (error) {
    return {
      address: address.label,
      serverName: undefined,
      samplesNs: [],
      error: asFailure(error),
    };
  }
}

async function openUnlessAborted(
  address: ServerAddress,
  dial: DialOptions,
  version: string,
  signal: AbortSignal,
): Promise<Lane | undefined> {
  const opening = openLaneTo([address], dial, { version });
  const lane = await unlessAborted(opening, signal);
  if (lane === undefined) {
    opening.then(
      (late) => late.close(),
      () => undefined,
    );
  }
  return lane;
}

/** Only failures to reach a server are values; bugs are thrown. */
function asFailure(error: unknown): NatsxError {
  if (error instanceof NatsxError && error.kind !== 'usage') return error;
  throw error;
}
