import { connect } from 'node:net';
import { eventually } from '../../../support/eventually.js';
import type { NatsServer } from '../../../support/nats-server.js';

/** A subscriber to `flood` that never reads what it gets; resolves when the server knows of it. */
export async function deafSubscriber(
  server: NatsServer,
  name: string,
  credentials: { readonly user?: string; readonly pass?: string } = {},
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    socket.once('error', reject);
    socket.once('data', () => {
      socket.pause();
      const options = JSON.stringify({ verbose: false, pedantic: false, name, ...credentials });
      socket.write(`CONNECT ${options}\r\nSUB flood 1\r\nPING\r\n`, () => resolve());
    });
    socket.on('error', () => undefined);
  });
  await eventually('the subscription stands', async () => {
    const { connections } = await server.monitor('/connz?auth=1&subs=1');
    return (connections as readonly { name?: string; subscriptions: number }[]).some(
      (one) => one.name === name && one.subscriptions === 1,
    );
  });
}

interface Publisher {
  readonly publish: (subject: string, data: Uint8Array) => void;
  readonly flush: () => Promise<void>;
}

/** Publishes to it until so much waits for it in the server; what the sockets between them hold is beside that. */
export async function floodUntilPending(
  server: NatsServer,
  name: string,
  publisher: Publisher,
  bytes: number,
): Promise<void> {
  const payload = new Uint8Array(128 * 1024);
  await eventually(
    `${String(bytes)} bytes wait for it`,
    async () => {
      const { connections } = await server.monitor('/connz');
      const all = connections as readonly { name?: string; pending_bytes: number }[];
      if (all.some((one) => one.name === name && one.pending_bytes >= bytes)) return true;
      publisher.publish('flood', payload);
      await publisher.flush();
      return false;
    },
    { timeoutMs: 30_000, intervalMs: 1 },
  );
}

/** Publishes to it until the server cuts it off. */
export async function floodUntilCut(
  server: NatsServer,
  name: string,
  publisher: Publisher,
): Promise<void> {
  const payload = new Uint8Array(512 * 1024);
  await eventually(
    'it is cut off',
    async () => {
      publisher.publish('flood', payload);
      await publisher.flush();
      const { connections } = await server.monitor('/connz?state=closed');
      return (connections as readonly { name?: string }[]).some((one) => one.name === name);
    },
    { timeoutMs: 20_000, intervalMs: 1 },
  );
}
