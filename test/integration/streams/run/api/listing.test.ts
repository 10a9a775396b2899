import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { listing } from '../../../../../src/streams/run/api/listing.js';
import { startNatsServer, type NatsServer } from '../../../../support/nats-server.js';
import { patientManager } from '../../../../support/patient-jetstream.js';

const permitted = ['$JS.API.INFO', '$JS.API.STREAM.INFO.*'];
let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer({
    jetstream: true,
    config: {
      accounts: {
        APP: {
          jetstream: 'enabled',
          users: [
            { user: 'owner', password: 'x' },
            {
              user: 'narrow',
              password: 'x',
              permissions: { publish: permitted, subscribe: ['_INBOX.>'] },
            },
          ],
        },
        PLAIN: { users: [{ user: 'plain', password: 'x' }] },
      },
    },
  });
  const connection = await connect({ servers: server.url, user: 'owner', pass: 'x' });
  const manager = await patientManager(connection);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders'] });
  await manager.consumers.add('ORDERS', { durable_name: 'worker' });
  await connection.close();
});
afterAll(() => server.stop());

async function list(user: string, stream?: string) {
  const connection = await connect({ servers: server.url, user, pass: 'x' });
  try {
    const scope = { apiPrefix: '$JS.API', timeoutMs: 2000 };
    const { streams, consumers } = await listing(connection, { stream, scope });
    return [...streams, ...consumers].map(({ name }) => name);
  } finally {
    await connection.close();
  }
}

describe('a listing', () => {
  it('has the streams of the account, or the consumers of a stream', async () => {
    expect(await list('owner')).toEqual(['ORDERS']);
    expect(await list('owner', 'ORDERS')).toEqual(['ORDERS', 'worker']);
  });

  it('fails where there is no list: JetStream is off for the account, or it may not be asked for', async () => {
    await expect(list('plain')).rejects.toMatchObject({ kind: 'not-found' });
    await expect(list('narrow')).rejects.toMatchObject({ kind: 'auth' });
    await expect(list('narrow', 'ORDERS')).rejects.toMatchObject({ kind: 'auth' });
  });
});
