import { formatDurationMs } from '../core/values/duration.js';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { detourTo, type DialOptions } from '../connection/model/dial.js';
import { noServerError } from '../connection/model/greeting-error.js';
import { socketError } from '../connection/model/socket-error.js';
import { NatsxError } from '../core/errors.js';
import { greet, type Greeted } from './greeting.js';
import { Lane, type LaneOptions } from './lane.js';
import type { ServerAddress } from './server-address.js';
import { ServerPool } from './server-pool.js';

const LOOPBACK = '127.0.0.1';

/**
 * Opens one connection: the servers are tried in random order, each at all its resolved addresses; the first that
 * accepts us wins. It does not reconnect.
 * @throws {NatsxError} connection or auth, when no server accepted us; usage, when an address cannot be read.
 */
export async function openLane(dial: DialOptions, options: LaneOptions): Promise<Lane> {
  return openLaneTo(new ServerPool(dial).addresses, dial, options);
}

/** Like {@link openLane}, to given addresses in place of those of `dial`. */
export async function openLaneTo(
  addresses: readonly ServerAddress[],
  dial: DialOptions,
  options: LaneOptions,
): Promise<Lane> {
  const failures: NatsxError[] = [];
  for (const address of shuffled(addresses)) {
    try {
      return new Lane(await greetServer(dial, address, options), options);
    } catch (error) {
      failures.push(expected(error));
    }
  }
  throw noServerError(failures);
}

async function greetServer(
  dial: DialOptions,
  address: ServerAddress,
  options: LaneOptions,
): Promise<Greeted> {
  const introduction = { name: dial.name, version: options.version, echo: options.echo ?? true };
  let failure = new NatsxError('connection', `the host ${address.host} has no address`);
  const detour = detourTo(dial, address.label);
  const { port } = detour ?? address;
  const ips = detour === undefined ? await resolveHost(address, dial.timeoutMs) : [LOOPBACK];
  for (const ip of ips) {
    try {
      return await greet({ dial, address, ip, port, introduction });
    } catch (error) {
      failure = expected(error);
      // A server that answered would answer the same at its other addresses.
      if (failure.kind !== 'connection') break;
    }
  }
  throw failure;
}

/** All addresses of a host, in the order of the system's resolver. */
export async function resolveHost(
  address: ServerAddress,
  timeoutMs: number,
): Promise<readonly string[]> {
  if (isIP(address.host) !== 0) return [address.host];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `the name ${address.host} was not resolved within ${formatDurationMs(timeoutMs)}`;
      reject(new NatsxError('connection', message, { hint: 'check the network' }));
    }, timeoutMs);
  });
  try {
    const found = await Promise.race([lookup(address.host, { all: true }), late]);
    return found.map((entry) => entry.address);
  } catch (error) {
    throw socketError(error as Error, address.label);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets through only what belongs to trying the next server. */
function expected(error: unknown): NatsxError {
  if (error instanceof NatsxError && error.kind !== 'usage') return error;
  throw error;
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
