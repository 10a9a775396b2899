#!/usr/bin/env node
/**
 * `natsx backlog` on an account with many consumers, against a bare client script that reads them all once. Per run:
 * wall time beyond the window, processor time, peak memory, requests to the JetStream API as the server counts them.
 * Options: `--streams 1000`, `--consumers 10` (of each), `--runs 3`.
 *
 * One consumer in a hundred has a backlog, all others have nothing to do.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

import { startBenchServer } from './support/bench-server.mjs';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1000' },
    consumers: { type: 'string', default: '10' },
    runs: { type: 'string', default: '3' },
  },
});
const streams = Number(values.streams);
const consumersEach = Number(values.consumers);
const windowMs = 4_000;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const server = await startBenchServer({ jetstream: true, limits: 'max_mem: 4G, max_file: 4G' });
const { url } = server;

/** @typedef {{ readonly userCPUTime: number, readonly systemCPUTime: number, readonly maxRSS: number }} Usage */

const usageFile = join(server.folder, 'usage.mjs');
writeFileSync(
  usageFile,
  `import { writeSync } from 'node:fs';
process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));`,
);
// In the project's folder, so that it finds the client as an installed script would.
const bareFolder = mkdtempSync(join(root, 'node_modules', '.bare-'));
const bareFile = join(bareFolder, 'bare.mjs');
writeFileSync(
  bareFile,
  `import { connect } from '@nats-io/transport-node';
const connection = await connect({ servers: process.argv[2] });
const ask = async (action, body) =>
  JSON.parse((await connection.request('$JS.API.' + action, JSON.stringify(body), { timeout: 30000 })).string());
const names = [];
for (let offset = 0, total = 1; offset < total; ) {
  const page = await ask('STREAM.LIST', { offset });
  names.push(...page.streams.map(({ config }) => config.name));
  ({ total } = page);
  offset += page.limit;
}
let consumers = 0;
await Promise.all(Array.from({ length: 16 }, async () => {
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    for (let offset = 0, total = 1; offset < total; ) {
      const page = await ask('CONSUMER.LIST.' + name, { offset });
      consumers += page.consumers.length;
      ({ total } = page);
      offset += page.limit;
    }
  }
}));
console.log(consumers);
await connection.close();
`,
);

try {
  const startedMs = performance.now();
  await fill();
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  process.stderr.write(
    `${streams} streams of ${consumersEach} consumers created in ${seconds} s\n`,
  );
  const rows = [];
  for (let run = 0; run < Number(values.runs); run++) {
    rows.push(await measured('bare script', [bareFile, url], 0));
    rows.push(
      await measured('natsx backlog', natsx('--top', '50'), windowMs),
      await measured('natsx backlog --json', natsx('--json'), windowMs),
    );
  }
  console.table(rows);
} finally {
  await server.stop();
  rmSync(bareFolder, { recursive: true, force: true });
}

/** @param {string[]} flags */
function natsx(...flags) {
  const entry = join(root, 'bin/run.js');
  return [entry, 'backlog', '--no-context', '--server', url, '--window', `${windowMs}ms`, ...flags];
}

async function fill() {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection, { timeout: 60_000 });
  let next = 0;
  const worker = async () => {
    while (next < streams) {
      const index = next++;
      const name = `STREAM-${String(index).padStart(5, '0')}`;
      await manager.streams.add({ name, subjects: [`s.${index}.>`], storage: 'memory' });
      await connection.request(`s.${index}.a`, 'x', { timeout: 60_000 });
      for (let number = 0; number < consumersEach; number++) {
        const behind = index % 10 === 0 && number === 0;
        await manager.consumers.add(name, {
          durable_name: `consumer-${number}`,
          ack_policy: 'explicit',
          deliver_policy: behind ? 'all' : 'new',
        });
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  await connection.close();
}

/** @returns {Promise<number>} requests to the JetStream API so far, as the server counts them */
async function apiRequests() {
  const answer = await fetch(`${server.monitorUrl}/jsz`);
  const { api } = /** @type {{ api: { total: number } }} */ (await answer.json());
  return api.total;
}

/** @param {string} what @param {string[]} args @param {number} waitsMs time that it waits by design */
async function measured(what, args, waitsMs) {
  const before = await apiRequests();
  const startedMs = performance.now();
  const run = spawn(process.execPath, ['--import', pathToFileURL(usageFile).href, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  let bytes = 0;
  let usageText = '';
  run.stdout?.on('data', (/** @type {Buffer} */ chunk) => (bytes += chunk.length));
  run.stdio[3]?.on('data', (/** @type {Buffer} */ chunk) => (usageText += chunk.toString()));
  const code = await new Promise((resolve) => run.once('close', resolve));
  const wallMs = performance.now() - startedMs;
  if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code}`);
  /** @type {Usage} */
  const usage = JSON.parse(usageText);
  return {
    what,
    'beyond window (s)': Number(((wallMs - waitsMs) / 1000).toFixed(2)),
    'CPU (s)': Number(((usage.userCPUTime + usage.systemCPUTime) / 1e6).toFixed(2)),
    'peak memory (MiB)': Math.round(usage.maxRSS / 1024),
    requests: (await apiRequests()) - before,
    'output (KiB)': Math.round(bytes / 1024),
  };
}
