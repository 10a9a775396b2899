#!/usr/bin/env node
/**
 * `natsx history record` on an account with 1,000 real consumers, of which a fifth are busy, a third get a message now
 * and then, and the rest are idle: processor time, memory, and size of the history. Options: `--streams 50`,
 * `--consumers 20` (of each), `--every 10s`, `--readings 12`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

import { startBenchServer } from './support/bench-server.mjs';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '50' },
    consumers: { type: 'string', default: '20' },
    every: { type: 'string', default: '10s' },
    readings: { type: 'string', default: '12' },
  },
});
const streams = Number(values.streams);
const consumersEach = Number(values.consumers);
const everyMs = Number.parseFloat(values.every) * (values.every.endsWith('ms') ? 1 : 1000);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const server = await startBenchServer({ jetstream: true, limits: 'max_mem: 2G' });
const dir = mkdtempSync(join(tmpdir(), 'natsx-history-'));
const connection = await connect({ servers: server.url, name: 'load' });

try {
  await fill();
  const stop = load();
  const entry = join(root, 'bin/run.js');
  const args = ['history', 'record', join(dir, 'log'), '--every', values.every, '-s', server.url];
  const run = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const rows = [];
  // Start-up and the first, whole reading are not what a week consists of.
  await sleep(2 * everyMs);
  let before = usageOf(run.pid ?? 0);
  const part = Math.max(1, Math.floor(Number(values.readings) / 4));
  for (let row = 0; row < 4; row += 1) {
    await sleep(part * everyMs);
    const now = usageOf(run.pid ?? 0);
    const bytes = sizeOf(join(dir, 'log'));
    rows.push({
      'core (%)': Number(
        ((100 * (now.cpuMs - before.cpuMs)) / (now.atMs - before.atMs)).toFixed(2),
      ),
      'ms a reading': Math.round((now.cpuMs - before.cpuMs) / part),
      'memory (MB)': Math.round(now.rssBytes / 1e6),
      'history (KB)': Math.round(bytes / 1000),
    });
    before = now;
  }
  console.table(rows);
  stop();
  run.kill('SIGINT');
  await new Promise((resolve) => run.once('exit', resolve));
} finally {
  await connection.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function fill() {
  const manager = await jetstreamManager(connection, { timeout: 60_000 });
  for (let index = 0; index < streams; index += 1) {
    const name = `STREAM-${index}`;
    await manager.streams.add({
      name,
      subjects: [`s.${index}.>`],
      storage: 'memory',
      max_msgs: 10_000,
    });
    await Promise.all(
      Array.from({ length: consumersEach }, (_, number) =>
        manager.consumers.add(name, { durable_name: `worker-${number}`, ack_policy: 'explicit' }),
      ),
    );
  }
}

/** Publishes to the streams that are not idle, and works on the consumers of the busy ones. */
function load() {
  const busy = Math.floor(streams * 0.2);
  const light = Math.floor(streams * 0.3);
  const client = jetstream(connection);
  for (let index = 0; index < busy + light; index += 1) {
    for (let number = 0; number < consumersEach; number += 1) {
      void client.consumers
        .get(`STREAM-${index}`, `worker-${number}`)
        .then((consumer) => consumer.consume({ callback: (message) => message.ack() }));
    }
  }
  const timers = [
    setInterval(() => {
      for (let index = 0; index < busy; index += 1) connection.publish(`s.${index}.x`, 'x');
    }, 200),
    setInterval(() => {
      for (let index = busy; index < busy + light; index += 1)
        connection.publish(`s.${index}.x`, 'x');
    }, 7_000),
  ];
  return () => timers.forEach(clearInterval);
}

/** Processor time and memory of a process, as Linux counts them. @param {number} pid */
function usageOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  const pages = Number(fields[21]);
  return { atMs: performance.now(), cpuMs: ticks * 10, rssBytes: pages * 4096 };
}

/** @param {string} folder */
function sizeOf(folder) {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
