import { AckPolicy } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';

import { startNatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { requiresPty, startInPty } from '../support/pty.js';

test('24 rows: every consumer can be reached, and figures of a server that is gone look old', async () => {
  requiresPty();
  const server = await startNatsServer({ jetstream: true });
  const connection = await connect({ servers: server.url });
  const manager = await patientManager(connection);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
  for (let id = 10; id < 24; id += 1) {
    const durable_name = `worker-${String(id)}`;
    await manager.consumers.add('ORDERS', { durable_name, ack_policy: AckPolicy.Explicit });
  }
  await manager.jetstream().publish('orders.new', 'x');
  await connection.close();
  const args = ['backlog', '--watch', '--sort', 'name', '--window', '600ms'];
  const run = startInPty([...args, '--server', server.url], { columns: 80, rows: 24 });
  await run.waitFor(/read at [^]*▸worker-10[^]*NO_CLIENT {2}ORDERS worker-10[^]*space freeze/);
  for (let id = 10; id < 23; id += 1) run.type('j');
  await run.waitFor(/▸worker-23[^]*NO_CLIENT {2}ORDERS worker-23[^]*space freeze/);
  await server.stop();
  // The clock goes on, and what is said of the connection leaves the last line alone.
  await run.waitFor(
    /no connection for [2-9]s {2}read at [^]*ORDERS worker-23[^]*q quit {2}space freeze/,
  );
  // Long enough for what was asked meanwhile to stay unanswered.
  await run.waitFor(/no connection for 9s {2}read at /);
  await server.restart();
  const before = (await run.waitFor(/[^]*no connection for \d+s/))[0].length;
  await run.waitFor(
    new RegExp(`^[^]{${String(before)},}read at [^\\n]*\\n[^]*ORDERS worker-23[^]*space freeze`),
  );
  run.type('q');
  const { code, drawn } = await run.exit;
  expect(code).toBe(0);
  expect(drawn).not.toMatch(/NO_LEADER|CONSUMER_CHURN|0 consumers/);
  await server.stop();
});
