import { expect, it } from 'vitest';

import { PullLoop } from '../../../../../src/streams/run/read/pull-loop.js';
import { eventually } from '../../../../support/eventually.js';
import { startNatsServer } from '../../../../support/nats-server.js';
import { patientManager } from '../../../../support/patient-jetstream.js';
import { dialTo, sessionTo } from '../../../wire/dialled.js';
import { withConnection } from './fixture.js';

it('asks again where a server without headers cannot say that a request has ended', async () => {
  const server = await startNatsServer({ jetstream: true, config: { no_header_support: true } });
  await withConnection(server.url, async (connection) => {
    const manager = await patientManager(connection);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    await manager.consumers.add('S', { durable_name: 'c' });
    const asked: string[] = [];
    const subject = '$JS.API.CONSUMER.MSG.NEXT.S.c';
    connection.subscribe(subject, {
      callback: (_error, message) => void asked.push(message.subject),
    });
    await connection.flush();

    const session = await sessionTo(dialTo(server.url));
    let messages = 0;
    const silences: string[] = [];
    const loop = new PullLoop(session, {
      subject,
      inbox: '_INBOX.pull-loop',
      batch: 10,
      expiresMs: 1_000,
      heartbeatMs: 200,
      silenceMs: 20_000,
      room: () => 10,
      message: () => (messages += 1),
      refused: () => undefined,
      silent: () => silences.push('silent'),
    });
    loop.ask();
    await eventually('it has asked again and again', () => asked.length > 3);
    await connection.request('s', 'hello');
    await eventually('the message came', () => messages === 1);
    expect(silences).toEqual([]);
    loop.stop();
    await session.close();
  });
});
