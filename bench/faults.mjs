// What the proxy of --faults costs: the rate through it, divided by the direct rate, in turns. `node bench/faults.mjs`
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { startBenchServer } from './support/bench-server.mjs';

const run = promisify(execFile);
const program = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bin/run.js');
const ROUNDS = Number(process.argv[2] ?? 5);
/** The proxies are there, and nothing happens in them. */
const QUIET = ['--faults', 'cut 1ms every 1h'];
const SCENARIOS = [
  ['pub', '--size', '128'],
  ['pubsub', '--size', '128'],
  ['pubsub', '--size', '1KiB'],
  ['js-pub', '--size', '128'],
  ['request'],
];

/** @param {readonly string[]} scenario @param {readonly string[]} more @param {string} url */
async function rateOf(scenario, more, url) {
  const args = ['bench', ...scenario, '--duration', '2s', '--json', '-q', '-s', url, ...more];
  const { stdout } = await run(process.execPath, [program, ...args]);
  return JSON.parse(stdout).totals.rate_per_s;
}

/** @param {readonly number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const server = await startBenchServer({ jetstream: true });
try {
  for (const scenario of SCENARIOS) {
    const ratios = [];
    const rates = [];
    for (let round = 0; round < ROUNDS; round++) {
      const direct = await rateOf(scenario, [], server.url);
      const through = await rateOf(scenario, QUIET, server.url);
      rates.push(direct);
      ratios.push(through / direct);
    }
    const share = Math.round(100 * median(ratios));
    const all = ratios.map((ratio) => ratio.toFixed(2)).join(' ');
    console.log(`${scenario.join(' ')}: ${share}% of ${Math.round(median(rates))} msg/s (${all})`);
  }
} finally {
  await server.stop();
}
