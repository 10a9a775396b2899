import { ensureNatsServer } from '../../scripts/nats-server.mjs';

/** Global set-up of the tests that need a server: it is found, or installed, once and not by each worker. */
export async function setup(): Promise<void> {
  process.env['NATSX_NATS_SERVER'] = await ensureNatsServer();
}
