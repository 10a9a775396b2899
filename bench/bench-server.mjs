import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureNatsServer } from '../scripts/nats-server.mjs';
import { startNatsServer } from '../scripts/start-nats-server.mjs';

/**
 * A server for one measurement, with its monitoring port; with a file store in its own folder if it is to have
 * JetStream.
 *
 * @param {{ jetstream?: boolean }} [options]
 * @returns {Promise<{ url: string, monitorUrl: string, stop: () => Promise<void> }>}
 */
export async function startBenchServer({ jetstream = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'natsx-bench-'));
  const { child, ports } = await startNatsServer({
    binary: await ensureNatsServer(),
    folder,
    config: `http: "127.0.0.1:-1"\n${jetstream ? `jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }` : ''}`,
  });
  return {
    url: ports.nats[0] ?? '',
    monitorUrl: ports.monitoring?.[0] ?? '',
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
