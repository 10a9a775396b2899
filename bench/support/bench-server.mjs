import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureNatsServer } from '../../scripts/nats-server.mjs';
import { startNatsServer } from '../../scripts/start-nats-server.mjs';

/** @type {Promise<string> | undefined} */
let binary;

/** @typedef {{ url: string, monitorUrl: string, folder: string, stop: () => Promise<void> }} BenchServer */

/**
 * A server for one measurement, with its monitoring port and a temporary folder that goes with it; with a file store
 * in that folder if it is to have JetStream.
 *
 * @param {{ jetstream?: boolean, limits?: string }} [options] limits: further settings of JetStream
 * @returns {Promise<BenchServer>}
 */
export async function startBenchServer({ jetstream = false, limits = '' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'natsx-bench-'));
  const store = `jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))}, ${limits} }`;
  const { child, ports } = await startNatsServer({
    binary: await (binary ??= ensureNatsServer()),
    folder,
    config: `http: "127.0.0.1:-1"\n${jetstream ? store : ''}`,
  });
  return {
    url: ports.nats[0] ?? '',
    monitorUrl: ports.monitoring?.[0] ?? '',
    folder,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
