/** First step only: the environment and PATH. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @returns {Promise<string>} */
export async function ensureNatsServer() {
  const named = process.env.NATSX_NATS_SERVER;
  if (named) return named;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'nats-server');
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  throw new Error('no nats-server found: set NATSX_NATS_SERVER to one');
}
