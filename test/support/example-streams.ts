import type { NatsConnection } from '@nats-io/transport-node';
import { patientClient, patientManager } from './patient-jetstream.js';

const week = 7 * 86_400 * 1e9;

/** What an example may take as `--config` by this name. */
export const exampleFiles: Readonly<Record<string, unknown>> = {
  'invoices.json': { name: 'INVOICES', subjects: ['invoices.>'] },
  'workers.json': [{ name: 'mail', max_deliver: 5 }, { name: 'billing' }],
};

/** Puts the streams of the examples back as they are expected, whatever an earlier example did to them. */
export async function restoreStreams(connection: NatsConnection): Promise<void> {
  const manager = await patientManager(connection);
  for (const name of ['ORDERS', 'INVOICES'])
    await manager.streams.delete(name).catch(() => undefined);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'], max_age: week });
  await manager.consumers.add('ORDERS', { durable_name: 'billing', ack_policy: 'explicit' });
  const js = patientClient(connection);
  for (let seq = 1; seq <= 50; seq += 1)
    await js.publish(seq % 2 === 0 ? 'orders.eu' : 'orders.new', `{"id":${seq}}`);
}
