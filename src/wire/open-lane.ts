import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { DialOptions } from '../domain/dial.js';
import { NatsxError } from '../domain/errors.js';
import { greet, type Greeted } from './greeting.js';
import { Lane, type LaneOptions } from './lane.js';
import { parseServerAddress, type ServerAddress } from './server-address.js';
import { socketError } from './socket-error.js';

/**
 * Opens one connection: the servers are tried in random order, each at all its resolved addresses; the first that
 * accepts us wins. It does not reconnect.
 * @throws {NatsxError} connection or auth, when no server accepted us; usage, when an address cannot be read.
 */
export async function openLane(dial: DialOptions, options: LaneOptions): Promise<Lane> {
  const addresses = shuffled(dial.servers.map(parseServerAddress));
  const failures: NatsxError[] = [];
  for (const address of addresses) {
    const outcome = await tryServer(dial, address, options);
    if (!(outcome instanceof NatsxError)) return new Lane(outcome, options);
    failures.push(outcome);
  }
  throw summary(failures);
}

async function tryServer(
  dial: DialOptions,
  address: ServerAddress,
  options: LaneOptions,
): Promise<Greeted | NatsxError> {
  const introduction = { name: dial.name, version: options.version, echo: options.echo ?? true };
  let failure: NatsxError | undefined;
  try {
    for (const ip of await resolve(address)) {
      try {
        return await greet({ dial, address, ip, introduction });
      } catch (error) {
        if (!(error instanceof NatsxError)) throw error;
        failure = error;
        // A server that answered would answer the same at its other addresses.
        if (error.kind === 'auth') break;
      }
    }
  } catch (error) {
    if (error instanceof NatsxError) throw error;
    failure = socketError(error as Error, address.label);
  }
  return failure ?? new NatsxError('connection', `${address.host} has no address.`);
}

/** All addresses of a host, in the order of the system's resolver. */
async function resolve(address: ServerAddress): Promise<readonly string[]> {
  if (isIP(address.host) !== 0) return [address.host];
  const found = await lookup(address.host, { all: true });
  return found.map((entry) => entry.address);
}

/** One failure stands for itself; of several, a refused credential tells more than a refused connection. */
function summary(failures: readonly NatsxError[]): NatsxError {
  const [first, ...rest] = failures;
  if (first === undefined) return new NatsxError('connection', 'No server is configured.');
  if (rest.length === 0) return first;
  const auth = failures.find(({ kind }) => kind === 'auth');
  if (auth !== undefined) return auth;
  const reasons = failures.map(({ message }) => message).join(' ');
  return new NatsxError('connection', `None of ${failures.length} servers answered. ${reasons}`, {
    hint: first.hint,
    cause: first,
  });
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
