#!/usr/bin/env node
/**
 * Compares the sum of several agents with one process that has as many clients: in turn, on one server, with the
 * agents found on another server. Prints the median of each scenario, and the ratio. On one machine both share its
 * processors, so the ratio is about 1 where the server is the limit. It needs a built natsx (`npm run build`).
 *
 *     node bench/agents.mjs --agents 4 --rounds 5 --duration 2s
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';

import { startBenchServer } from './support/bench-server.mjs';

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    duration: { type: 'string', default: '2s' },
  },
});
const count = Number(values.agents);
const natsx = new URL('../bin/run.js', import.meta.url).pathname;

/** @type {readonly (readonly string[])[]} */
const scenarios = [
  ['pub', '--clients', values.agents],
  ['pubsub', '--pubs', values.agents, '--subs', '1'],
  ['request', '--clients', values.agents, '--responders', values.agents, '--window', '64'],
  ['js-pub', '--clients', values.agents, '--storage', 'memory'],
];

const [system, control] = await Promise.all([
  startBenchServer({ jetstream: true }),
  startBenchServer(),
]);
const agents = await Promise.all(Array.from({ length: count }, startAgent));
try {
  for (const scenario of scenarios) await compareOne(scenario);
} finally {
  for (const agent of agents) agent.kill('SIGTERM');
  await Promise.all(agents.map((agent) => agent.exitCode ?? once(agent, 'exit')));
  await Promise.all([system.stop(), control.stop()]);
}

/** @param {readonly string[]} scenario */
async function compareOne(scenario) {
  const withAgents = [
    ...[...scenario, '--agents', values.agents],
    ...['--control-server', control.url],
  ];
  /** @type {number[][]} */
  const rates = [[], []];
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const place of round % 2 === 0 ? [0, 1] : [1, 0]) {
      rates[place]?.push(await rateOf(place === 0 ? scenario : withAgents));
    }
  }
  const [single = NaN, sum = NaN] = rates.map(median);
  console.log(
    `${(scenario[0] ?? '').padEnd(8)} one process ${thousands(single)}  ${count} agents ${thousands(sum)}  ratio ${(sum / single).toFixed(2)}`,
  );
}

/** @returns {Promise<import('node:child_process').ChildProcess>} that can be found */
async function startAgent() {
  const child = spawn(
    process.execPath,
    [
      ...[natsx, 'bench', 'agent', '--json', '--control-server', control.url],
      ...['--allow-server', system.url],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await once(child.stdout, 'data');
  return child;
}

/** @param {readonly string[]} args @returns {Promise<number>} messages per second */
async function rateOf(args) {
  const child = spawn(
    process.execPath,
    [
      ...[natsx, 'bench', ...args, '--json', '--server', system.url],
      ...['--duration', values.duration],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`natsx bench ${args.join(' ')} ended with ${code}`);
  return JSON.parse(text).totals.rate_per_s;
}

/** @param {readonly number[]} rates */
function median(rates) {
  return [...rates].sort((a, b) => a - b)[Math.floor(rates.length / 2)] ?? NaN;
}

/** @param {number} rate */
function thousands(rate) {
  return `${(rate / 1000).toFixed(1)}k/s`.padStart(11);
}
