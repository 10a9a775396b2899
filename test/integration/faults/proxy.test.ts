import type { EventEmitter } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import { parseFaults } from '../../../src/faults/model/parse-faults.js';
import { ProxySet } from '../../../src/faults/run/proxy-set.js';
import { eventually } from '../../support/eventually.js';

/** Waits until no expectation fails. */
const holds = (fact: string, expectations: () => void | Promise<void>): Promise<unknown> =>
  eventually(fact, async () => {
    await expectations();
    return true;
  });

/** Like `once` of Node.js, but a reset is not an exception. */
const once = (emitter: EventEmitter, name: string): Promise<readonly unknown[]> =>
  new Promise((resolve) => emitter.once(name, (...args: unknown[]) => resolve(args)));

const releases: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

/** A server of raw sockets that does what `serve` says with each connection. */
async function rawServer(serve: (socket: Socket) => void) {
  const accepted: Socket[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  releases.push(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, accepted };
}

const echo = (socket: Socket): void => void socket.pipe(socket);

async function proxied(spec: string, port: number, onReset = (): void => undefined) {
  const plan = { spec, seed: 1, faults: parseFaults(spec), command: undefined };
  const set = await ProxySet.open({ servers: [{ host: '127.0.0.1', port }], plan, onReset });
  releases.push(() => set.close());
  return set;
}

async function client(set: ProxySet): Promise<Socket> {
  const socket = connect({ port: set.ports[0] ?? 0, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  releases.push(() => void socket.destroy());
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

/** Everything that arrives, as it arrives. */
function collected(socket: Socket): { bytes: () => Buffer } {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { bytes: () => Buffer.concat(chunks) };
}

const arrived = (inbox: { bytes: () => Buffer }, bytes: number) =>
  holds('what follows', () => {
    expect(inbox.bytes().length).toBe(bytes);
  });

const QUIET = 'cut 1ms every 1h';

describe('the proxy of --faults', () => {
  it('passes all bytes in order, and the end of one direction while the other stays open', async () => {
    const { port } = await rawServer((socket) => {
      const inbox = collected(socket);
      socket.on('end', () => socket.end(inbox.bytes().reverse()));
    });
    const set = await proxied(QUIET, port);
    set.start(Infinity);
    const socket = await client(set);
    const inbox = collected(socket);
    const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => at % 251));
    socket.end(sent);
    await once(socket, 'end');
    expect(inbox.bytes().reverse().equals(sent)).toBe(true);
    await holds('what follows', () => {
      expect(set.connections).toBe(0);
    });
  });

  it('makes a writer wait when the reader does not read', async () => {
    const { port, accepted } = await rawServer((socket) => socket.pause());
    const set = await proxied(QUIET, port);
    const socket = await client(set);
    const block = Buffer.alloc(1024 * 1024);
    let written = 0;
    // What the kernels and the proxy hold is bounded; without back-pressure all of this would be taken.
    while (written < 256 && socket.write(block)) written += 1;
    for (let more = 0; more < 64; more++) socket.write(block);
    await holds('what follows', () => {
      expect(accepted).toHaveLength(1);
    });
    expect(socket.writableLength).toBeGreaterThan(block.length);
    const inbox = { size: 0 };
    accepted[0]?.on('data', (chunk: Buffer) => (inbox.size += chunk.length));
    accepted[0]?.resume();
    await holds('what follows', () => {
      expect(socket.writableLength).toBe(0);
    });
  });

  it('cut: ends connections, refuses new ones, and accepts them again afterwards', async () => {
    const { port } = await rawServer(echo);
    const set = await proxied('cut 300ms every 400ms', port);
    const before = await client(set);
    before.once('end', () => before.end()).resume();
    set.start(401);
    await once(before, 'close');
    const during = connect({ port: set.ports[0] ?? 0, host: '127.0.0.1' });
    during.on('error', () => undefined);
    expect(await once(during, 'close')).toEqual([true]);
    await holds('it accepts connections again', async () => {
      const socket = await client(set);
      expect(socket.destroyed).toBe(false);
      const inbox = collected(socket);
      socket.write('after');
      await Promise.race([once(socket, 'data'), once(socket, 'close')]);
      expect(inbox.bytes().toString()).toBe('after');
    });
  });

  it('blackhole: nothing passes and nothing is lost, and connections wait for its end', async () => {
    const { port, accepted } = await rawServer(echo);
    const set = await proxied('blackhole 400ms every 500ms', port);
    const socket = await client(set);
    const inbox = collected(socket);
    await holds('what follows', () => {
      expect(accepted).toHaveLength(1);
    });
    const startedMs = performance.now();
    set.start(501);
    const sending = setInterval(() => socket.write('x'.repeat(100)), 10);
    const gaps = { longestMs: 0, lastMs: startedMs };
    socket.on('data', () => {
      const nowMs = performance.now();
      gaps.longestMs = Math.max(gaps.longestMs, nowMs - gaps.lastMs);
      gaps.lastMs = nowMs;
    });
    await holds('what follows', () => {
      expect(gaps.longestMs).toBeGreaterThan(350);
    });
    clearInterval(sending);
    const sentBytes = socket.bytesWritten;
    await arrived(inbox, sentBytes);
    expect(socket.destroyed).toBe(false);
  });

  it('delay: each way takes that long, and bytes keep their order', async () => {
    const { port } = await rawServer(echo);
    const set = await proxied('delay 60ms±40ms', port);
    set.start(Infinity);
    const socket = await client(set);
    const inbox = collected(socket);
    const startedMs = performance.now();
    socket.write('first');
    await once(socket, 'data');
    // Twice the shortest delay, less the resolution of timers.
    expect(performance.now() - startedMs).toBeGreaterThan(38);
    const sent = Array.from({ length: 500 }, (_, at) => `${at},`);
    for (const part of sent) socket.write(part);
    await arrived(inbox, 'first'.length + sent.join('').length);
    expect(inbox.bytes().toString()).toBe(`first${sent.join('')}`);
  });

  it('rate: both directions are limited, over all connections together', async () => {
    const { port } = await rawServer((socket) => socket.resume());
    const set = await proxied('rate 1MiB/s', port);
    set.start(Infinity);
    const startedMs = performance.now();
    const sockets = [await client(set), await client(set)];
    for (const socket of sockets) socket.end(Buffer.alloc(256 * 1024));
    await holds('what follows', () => {
      expect(set.connections).toBe(2);
    });
    await Promise.all(
      sockets.map((socket) => {
        socket.resume();
        return new Promise((resolve) => socket.once('finish', resolve));
      }),
    );
    const { port: downPort } = await rawServer((socket) => socket.end(Buffer.alloc(512 * 1024)));
    const down = await proxied('rate 1MiB/s', downPort);
    down.start(Infinity);
    const socket = await client(down);
    const inbox = collected(socket);
    const downMs = performance.now();
    await once(socket, 'end');
    expect(inbox.bytes()).toHaveLength(512 * 1024);
    expect(performance.now() - downMs).toBeGreaterThan(400);
    expect(performance.now() - startedMs).toBeGreaterThan(400);
  });

  it('reset: a connection ends after that many bytes in both directions together', async () => {
    const { port, accepted } = await rawServer(echo);
    const resets = { count: 0 };
    const set = await proxied('reset after 1000', port, () => (resets.count += 1));
    set.start(Infinity);
    const socket = await client(set);
    const inbox = collected(socket);
    socket.write(Buffer.alloc(400));
    await arrived(inbox, 400);
    socket.write(Buffer.alloc(300));
    await once(socket, 'close');
    expect(resets.count).toBe(1);
    expect(accepted[0]?.bytesRead).toBeLessThanOrEqual(600);
    const next = collected(await client(set));
    expect(next.bytes()).toHaveLength(0);
    expect(set.connections).toBe(1);
  });

  it('slow-reader: what the server sends is read slowly, what the client sends is not', async () => {
    const { port, accepted } = await rawServer((socket) => {
      socket.resume();
      socket.write(Buffer.alloc(128 * 1024));
    });
    const set = await proxied('slow-reader', port);
    set.start(Infinity);
    const startedMs = performance.now();
    const socket = await client(set);
    const inbox = collected(socket);
    socket.write(Buffer.alloc(8 * 1024 * 1024));
    await holds('what follows', () => {
      expect(accepted[0]?.bytesRead).toBe(8 * 1024 * 1024);
    });
    await arrived(inbox, 128 * 1024);
    expect(performance.now() - startedMs).toBeGreaterThan(400);
  });

  it('refuses a client whose server is gone, and passes on a reset', async () => {
    const { port, accepted } = await rawServer(echo);
    const set = await proxied(QUIET, port);
    const socket = await client(set);
    socket.write('x');
    await once(socket, 'data');
    const failed = once(socket, 'close');
    accepted[0]?.resetAndDestroy();
    expect(await failed).toEqual([true]);
    const nowhere = await proxied(QUIET, 1);
    const lost = await client(nowhere);
    await once(lost, 'close');
    await holds('no connection is kept', () => {
      expect([set.connections, nowhere.connections]).toEqual([0, 0]);
    });
  });

  it('carries a thousand connections, and keeps none of them', async () => {
    const { port, accepted } = await rawServer(echo);
    const set = await proxied('delay 1ms', port);
    set.start(Infinity);
    const handles = () => process.getActiveResourcesInfo().length;
    const before = handles();
    for (let round = 0; round < 10; round++) {
      const sockets = await Promise.all(Array.from({ length: 100 }, () => client(set)));
      await Promise.all(
        sockets.map(async (socket, at) => {
          const answered = once(socket, 'data');
          socket.write(`${at}`);
          expect(String((await answered)[0])).toBe(`${at}`);
          if (at % 2 === 0) socket.end();
          else socket.destroy();
        }),
      );
      for (const socket of sockets) socket.resume();
    }
    await holds('what follows', () => {
      expect(accepted).toHaveLength(1_000);
      expect(set.connections).toBe(0);
      expect(handles()).toBeLessThanOrEqual(before);
    });
  });

  it('ends with its connections, and its port is free then', async () => {
    const { port, accepted } = await rawServer(echo);
    const set = await proxied('blackhole 1h every 2h, delay 1h', port);
    set.start(Infinity);
    const socket = await client(set);
    await holds('what follows', () => {
      expect(accepted).toHaveLength(1);
    });
    socket.write('waits for an hour');
    const [own = 0] = set.ports;
    await set.close();
    await once(socket, 'close');
    const again = connect(own, '127.0.0.1');
    again.on('error', () => undefined);
    expect(await once(again, 'close')).toEqual([true]);
  });
});
