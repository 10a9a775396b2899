/** The server of the demo: a real nats-server with JetStream, on a port that the system picks. */
import { once } from 'node:events';
import { join } from 'node:path';
import { startNatsServer } from '../start-nats-server.mjs';

/**
 * @typedef {object} DemoServer
 * @property {string} url the same over all restarts
 * @property {() => void} kill ends it at once, as a crash would
 * @property {() => Promise<void>} crash the same, and waits until it is gone
 * @property {() => Promise<void>} restart brings it back on its port with its store
 */

/**
 * @param {string} binary
 * @param {string} folder
 * @returns {Promise<DemoServer>}
 */
export async function startDemoServer(binary, folder) {
  const config = `jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }`;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  const start = (/** @type {number | undefined} */ port) =>
    startNatsServer({
      binary,
      folder: join(folder, 'server'),
      config,
      ...(port !== undefined && { port }),
      onSpawn: (started) => {
        child = started;
      },
    });
  const kill = () => void child?.kill('SIGKILL');
  const { ports } = await start(undefined);
  const url = ports.nats[0];
  if (url === undefined) throw new Error('the server tells no client URL');
  return {
    url,
    kill,
    crash: async () => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      kill();
      await gone;
    },
    restart: async () => void (await start(Number(new URL(url).port))),
  };
}
