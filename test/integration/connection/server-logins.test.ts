import { describe, expect, it, onTestFinished } from 'vitest';

import type { DialOptions } from '../../../src/connection/model/dial.js';
import { resolveSettings } from '../../../src/connection/model/connection-settings.js';
import { connectClient } from '../../../src/connection/connect.js';
import { dialOptions } from '../../../src/connection/dial-options.js';
import { openSession } from '../../../src/wire/session.js';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { startNatsServer, type NatsServer } from '../../support/nats-server.js';

const withUser = (user: string, more: object = {}): Promise<NatsServer> =>
  startNatsServer({ config: { authorization: { user, password: `${user}-pass` }, ...more } });

const dialTo = (servers: string): DialOptions =>
  dialOptions(
    resolveSettings([{ origin: 'flag', values: { servers }, source: () => '--server' }]),
    {
      name: 'logins',
      timeoutMs: 5_000,
    },
  );

const login = (server: NatsServer, user: string, password = `${user}-pass`): string =>
  server.url.replace('://', `://${user}:${encodeURIComponent(password)}@`);

/** Connects with one of the engines, and says what it is connected to at a time. */
const engines: Readonly<Record<string, (dial: DialOptions) => Promise<() => string | undefined>>> =
  {
    client: async (dial) => {
      const policy = { waitForServerMs: 0, giveUpAfterMs: undefined, onEvent: () => undefined };
      const { connection, close } = await connectClient(dial, policy, new AbortController().signal);
      onTestFinished(close);
      return () => (connection.isClosed() ? undefined : connection.info?.server_id);
    },
    wire: async (dial) => {
      const session = await openSession(dial, { version: '0.0.0' });
      onTestFinished(() => session.close());
      return () => session.info?.server_id;
    },
  };

const idOf = async (server: NatsServer): Promise<unknown> =>
  (await server.monitor('/varz'))['server_id'];

describe.each(Object.entries(engines))('%s', (_name, connect) => {
  it('offers each server its own login', async () => {
    const [alpha, beta] = await Promise.all([withUser('alpha'), withUser('beta')]);
    const down = `nats://other:wrong@127.0.0.1:${await freePort()}`;
    for (const server of [login(alpha, 'alpha'), login(beta, 'beta')]) {
      expect((await connect(dialTo(`${down},${server}`)))()).toBeDefined();
    }
    // The one refuses, the other does not.
    const mixed = [login(alpha, 'alpha', 'wrong'), login(beta, 'beta'), login(alpha, 'beta')];
    expect((await connect(dialTo(mixed.join(','))))()).toBe(await idOf(beta));
  });

  it('takes the logins of one address in turns', async () => {
    const server = await withUser('alpha');
    const servers = [login(server, 'old'), login(server, 'alpha')].join(',');
    for (let run = 0; run < 3; run++) expect((await connect(dialTo(servers)))()).toBeDefined();
  });

  it('comes back to another server with the login of that one', async () => {
    const [alpha, beta] = await Promise.all([withUser('alpha'), withUser('beta')]);
    const servers = [login(alpha, 'alpha'), login(beta, 'beta')].join(',');
    const connected = await connect(dialTo(servers));
    const first = connected() === (await idOf(alpha)) ? alpha : beta;
    const other = first === alpha ? beta : alpha;
    const wanted = await idOf(other);
    await first.kill();
    await eventually('it is connected to the other', () => connected() === wanted);
  });

  it('gives a server of the cluster the login of the server that named it', async () => {
    const routes = await freePort();
    const cluster = { name: 'c', listen: `127.0.0.1:${routes}` };
    const first = await withUser('alpha', { cluster });
    const second = await withUser('alpha', {
      cluster: { name: 'c', listen: '127.0.0.1:-1', routes: [`nats://127.0.0.1:${routes}`] },
    });
    const id = await idOf(second);
    await eventually(
      'they know each other',
      async () => (await first.monitor('/routez'))['num_routes'],
    );
    const down = `nats://other:wrong@127.0.0.1:${await freePort()}`;
    const connected = await connect(dialTo(`${down},${login(first, 'alpha')}`));
    await first.kill();
    await eventually('it is connected to the second', () => connected() === id);
  });

  it.each(['p@ss', 'p:w', '100%', 'a/b?c#d', 'ünï ↯', '^`|\\"\'', 'a,b'])(
    'a password such as %s arrives',
    async (password) => {
      const authorization = { user: 'u', password };
      const server = await startNatsServer({ config: { authorization } });
      expect((await connect(dialTo(login(server, 'u', password))))()).toBeDefined();
    },
  );
});
