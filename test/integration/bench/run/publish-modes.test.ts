import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { JetStreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startFrameProxy, type FrameTreatment } from '../../../support/frame-proxy.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { patientManager } from '../../../support/patient-jetstream.js';
import { requires, serverIsAtLeast } from '../../../support/server-version.js';
import { bench } from './bench-run.js';

let server: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  connection = await connect({ servers: server.url });
  manager = await patientManager(connection);
});
afterAll(() => connection.close());
beforeEach(async () => {
  for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name);
  const allowed = (await serverIsAtLeast('2.14')) && { allow_atomic: true, allow_batched: true };
  await manager.streams.add({ name: 'MINE', subjects: ['mine.>'], ...allowed });
  await manager.streams.add({ name: 'PLAIN', subjects: ['plain.>'] });
});

const stored = async (): Promise<number> => (await manager.streams.info('MINE')).state.messages;
const intoMine = { scenario: 'js-pub', subject: 'mine.a', stream: 'MINE' } as const;
const allowed = { useExisting: true };

/** The run behind a proxy that loses messages of `mine.a` on their way to the server. */
async function behind(isLost: (index: number) => boolean): Promise<NatsServer> {
  let index = 0;
  const toServer: FrameTreatment = ({ subject, payload, bytes }) =>
    subject === 'mine.a' && payload.length > 0 && isLost(index++) ? [] : [bytes];
  const { url } = await startFrameProxy(server.port, { toServer });
  return { ...server, url };
}

describe.each(['sync', 'async', 'atomic', 'fast'] as const)('js-pub --mode %s', (mode) => {
  it('stores every message, in a temporary stream and in an existing one', async () => {
    if (mode === 'atomic') await requires('2.12');
    if (mode === 'fast') await requires('2.14');
    const { report } = await bench(server, { scenario: 'js-pub', mode, messages: 1234 });
    expect(report.conditions.mode).toBe(mode);
    expect(report).toMatchObject({
      outcome: 'complete',
      totals: { sent: 1234, received: 1234, lost: 0, errors: 0, response: { count: 1234 } },
    });
    const two = await bench(server, { ...intoMine, mode, messages: 777, clients: 2 }, allowed);
    expect(two.report.totals).toMatchObject({ sent: 777, received: 777 });
    expect(await stored()).toBe(777);
  });

  it('follows a rate', async () => {
    if (mode === 'atomic') await requires('2.12');
    if (mode === 'fast') await requires('2.14');
    const pace = { ratePerS: 500, kind: 'constant' } as const;
    const request = { ...intoMine, mode, durationMs: 1500, pace };
    const { report } = await bench(server, request, allowed);
    const { sent, received, lost } = report.totals;
    expect({ received, lost }).toEqual({ received: sent, lost: 0 });
    expect(await stored()).toBe(received);
  });
});

describe('what gets lost on the way', () => {
  it('is counted in a fast batch, as the stream has it', async () => {
    await requires('2.14');
    const lossy = await behind((index) => index % 100 === 7 || index === 2999);
    const request = { ...intoMine, mode: 'fast', messages: 3000 } as const;
    const { report, failure } = await bench(lossy, request, allowed);
    expect(report.totals).toMatchObject({ sent: 3000, received: 2969, lost: 31, errors: 0 });
    expect(failure).toMatchObject({ kind: 'unhealthy' });
    expect(await stored()).toBe(2969);
  });

  it('costs the atomic batch that it belongs to', async () => {
    await requires('2.12');
    const lossy = await behind((index) => index === 150);
    const request = { ...intoMine, mode: 'atomic', batch: 100, messages: 500 } as const;
    const { report } = await bench(lossy, request, allowed);
    expect(report.totals).toMatchObject({ sent: 500, received: 400, errors: 100 });
    expect(await stored()).toBe(400);
  });
});

it('a stream that does not allow the mode is left alone', async () => {
  await requires('2.14');
  const request = {
    scenario: 'js-pub',
    subject: 'plain.a',
    stream: 'PLAIN',
    messages: 10,
  } as const;
  for (const mode of ['atomic', 'fast'] as const) {
    await expect(bench(server, { ...request, mode }, allowed)).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('natsx stream edit PLAIN --allow-') as string,
    });
  }
});
