#!/usr/bin/env node
/**
 * Start-up of `natsx pub a b` against a bare script that does the same with the `@nats-io` client: connect, publish,
 * flush, close. Runs alternate, and each one's exit code and output are checked. Options: `--runs 15`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startBenchServer } from './bench-server.mjs';
import { spreadText } from './spread.mjs';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' } } });
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const server = await startBenchServer();
// In the project's folder, so that it finds the client as an installed script would.
const folder = mkdtempSync(join(root, 'dist', 'bare-'));
const script = join(folder, 'bare.mjs');
writeFileSync(
  script,
  `import { connect } from '@nats-io/transport-node';
const connection = await connect({ servers: process.argv[2] });
connection.publish('a', 'b');
await connection.flush();
await connection.close();
`,
);

/** @param {string[]} args @param {string} output what it must write to stderr */
function timedMs(args, output) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const ms = performance.now() - started;
  if (status === 0 && stdout === '' && stderr === output) return ms;
  throw new Error(`${args.join(' ')}: exit code ${status}\n${stdout}${stderr}`);
}

/** @type {number[]} */
const bare = [];
/** @type {number[]} */
const natsx = [];
try {
  for (let run = 0; run <= Number(values.runs); run++) {
    const bareMs = timedMs([script, server.url], '');
    const natsxMs = timedMs(
      [join(root, 'bin/run.js'), 'pub', 'a', 'b', '--no-context', '--server', server.url],
      'published 1 message, 1 B\n',
    );
    // The first pair fills the system's caches.
    if (run === 0) continue;
    bare.push(bareMs);
    natsx.push(natsxMs);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
}
const ratios = natsx.map((ms, run) => ms / (bare[run] ?? Number.NaN));
console.log(`bare client script  ${spreadText(bare, 'ms')}`);
console.log(`natsx pub a b       ${spreadText(natsx, 'ms')}`);
console.log(`ratio               ${spreadText(ratios, '×')}`);
// On a busy machine the fastest runs are the ones that nobody disturbed.
console.log(`ratio of fastest    ${(Math.min(...natsx) / Math.min(...bare)).toFixed(2)} ×`);
