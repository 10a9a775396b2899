import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { skippedMessages } from '../../../../src/recording/run/skipped-messages.js';
import { Holes } from '../../../../src/recording/model/sequence-account.js';
import {
  openJetStreamApi,
  type JetStreamApi,
} from '../../../../src/streams/run/api/jetstream-api.js';
import { startNatsServer } from '../../../support/nats-server.js';
import { patientManager } from '../../../support/patient-jetstream.js';
import { fillStream, scope } from '../../streams/run/read/fixture.js';

let connection: NatsConnection;
let api: JetStreamApi;

beforeAll(async () => {
  const server = await startNatsServer({ jetstream: true });
  await fillStream(
    server.url,
    { name: 'S', subjects: ['s.*'] },
    { count: 20, subjects: ['s.a', 's.b'] },
  );
  connection = await connect({ servers: server.url });
  api = openJetStreamApi(connection, scope);
});
afterAll(() => connection.close());

const skipped = (...ends: readonly number[]) => skippedMessages(api, 'S', new Holes(ends));

describe('messages that were skipped', () => {
  it('are all of a hole where nothing was deleted', async () => {
    expect(await skipped(3, 5, 20, 20)).toEqual([
      { from: 3, to: 5 },
      { from: 20, to: 20 },
    ]);
    expect(await skipped()).toEqual([]);
  });

  it('are only those that the stream still has', async () => {
    const manager = await patientManager(connection);
    await manager.streams.purge('S', { filter: 's.b' });
    await manager.streams.deleteMessage('S', 11);
    // Odd ones without 11 are left.
    expect(await skipped(10, 12, 16, 16)).toEqual([]);
    expect(await skipped(1, 3, 10, 13)).toEqual([
      { from: 1, to: 1 },
      { from: 3, to: 3 },
      { from: 13, to: 13 },
    ]);
  });

  it('are none before the first that a stream has kept', async () => {
    const manager = await patientManager(connection);
    await manager.streams.purge('S', { seq: 15 });
    expect(await skipped(1, 14)).toEqual([]);
    expect(await skipped(1, 15)).toEqual([{ from: 15, to: 15 }]);
  });
});
