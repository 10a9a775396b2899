#!/usr/bin/env node
/**
 * Measures where the time of a short command goes: the runtime, loading natsx's modules, oclif (configuration, flags),
 * connecting, the work itself, and the exit. It prints the phases, the whole, and its ratio to `node -e 0` and to the
 * same command of the official tool, run in turn; and the processor time, which depends less on other work. It needs a built natsx (`npm run build`).
 *
 *     node bench/startup.mjs
 *     node bench/startup.mjs --rounds 15 --node /opt/node24/bin/node
 *
 * Options: `--rounds`; `--node` another Node.js to measure as well (repeatable); `--json`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { findPeer } from '../scripts/peer.mjs';
import { startBenchServer } from './support/bench-server.mjs';
import { spreadOf } from './support/spread.mjs';

const root = join(import.meta.dirname, '..');
const entry = join(root, 'bin', 'run.js');
const preload = join(import.meta.dirname, 'support', 'phases.cjs');
const phases = /** @type {const} */ (['runtime', 'modules', 'oclif', 'connect', 'work', 'exit']);

/** The commands; the official tool has the same ones. */
const commands = ['--version', 'pub a b', 'sub startup.test --count 1'];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    node: { type: 'string', multiple: true, default: [process.execPath] },
    json: { type: 'boolean', default: false },
  },
});

const server = await startBenchServer();
const { path: peer } = await findPeer();
const environment = { ...process.env, XDG_CONFIG_HOME: server.folder };
const publisher = await publishSteadily(server.url);
/** @type {object[]} */
const results = [];
try {
  for (const node of values.node)
    for (const command of commands) results.push(await row(node, command));
} finally {
  publisher.stop();
  await server.stop();
}
process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : '');

/** Measures one command, and prints its row. @param {string} node @param {string} command */
async function row(node, command) {
  const natsx = [node, entry, ...argumentsOf(command)];
  const official = peer === undefined ? undefined : [peer, ...argumentsOf(command)];
  /** @type {{ whole: number, alone: number, official: number, watched: Watched, idle: Watched }[]} */
  const rounds = [];
  // The first round fills caches, and does not count.
  for (let round = 0; round <= Number(values.rounds); round++) {
    const alone = await timed([node, '-e', '0']);
    const whole = await timed(natsx);
    const taken = official === undefined ? Number.NaN : await timed(official);
    const watched = await watch([node, '--require', preload, ...natsx.slice(1)]);
    const idle = await watch([node, '--require', preload, '-e', '0']);
    if (round > 0) rounds.push({ whole, alone, official: taken, watched, idle });
  }
  const median = (/** @type {(one: (typeof rounds)[number]) => number} */ pick) =>
    spreadOf(rounds.map(pick)).median;
  const result = {
    command: `natsx ${command}`,
    node: (await versionOf(node)).trim(),
    phases_ms: Object.fromEntries(
      phases.map((name, index) => [name, median((one) => one.watched.phases[index] ?? 0)]),
    ),
    ms: median(({ whole }) => whole),
    node_alone_ms: median(({ alone }) => alone),
    to_node_alone: median(({ whole, alone }) => whole / alone),
    nats_ms: median(({ official: ms }) => ms),
    to_nats: median(({ whole, official: ms }) => whole / ms),
    cpu_ms: median(({ watched }) => watched.cpuMs),
    cpu_to_node_alone: median(({ watched, idle }) => watched.cpuMs / idle.cpuMs),
  };
  if (!values.json) print(result);
  return result;
}

/** @param {string} command */
function argumentsOf(command) {
  const words = command.split(' ');
  return command.startsWith('-') ? words : [...words, '--server', server.url, '--no-context'];
}

/** @param {string[]} program @returns {Promise<number>} milliseconds from its start to its end */
async function timed([file = '', ...args]) {
  const startedMs = performance.now();
  const child = spawn(file, args, { env: environment, stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${file} ${args.join(' ')}: exit code ${code}`);
  return performance.now() - startedMs;
}

/**
 * @typedef {{ phases: number[], cpuMs: number }} Watched milliseconds of each phase, and of the processor for all
 * @param {string[]} program @returns {Promise<Watched>}
 */
async function watch([file = '', ...args]) {
  const startMs = performance.timeOrigin + performance.now();
  const child = spawn(file, args, {
    env: environment,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stdio[3]?.on('data', (/** @type {Buffer} */ chunk) => (text += chunk.toString()));
  const exited = once(child, 'exit').then(() => performance.timeOrigin + performance.now());
  await once(child, 'close');
  /** @type {Record<string, number>} */
  const marks = { ...JSON.parse(text).marks, exit: await exited };
  let before = startMs;
  const times = phases.map((name) => {
    const at = marks[name] ?? before;
    const ms = at - before;
    before = at;
    return ms;
  });
  return { phases: times, cpuMs: Number(JSON.parse(text).cpuMs) };
}

/** @param {string} node */
async function versionOf(node) {
  const child = spawn(node, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  return text;
}

/** Publishes a message each millisecond for `sub --count 1`, over a plain socket. @param {string} url */
async function publishSteadily(url) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.resume();
  socket.write('CONNECT {"verbose":false}\r\n');
  const timer = setInterval(() => socket.write('PUB startup.test 1\r\na\r\n'), 1);
  return {
    stop: () => {
      clearInterval(timer);
      socket.destroy();
    },
  };
}

/** @param {Awaited<ReturnType<typeof row>>} result */
function print(result) {
  if (results.length === 0) {
    const head = [
      'command',
      'Node.js',
      ...phases.map((name) => `${name}`),
      'whole',
      'node -e 0',
      'ratio',
      'nats',
      'ratio',
      'CPU',
      'to node -e 0',
    ];
    process.stdout.write(
      `| ${head.join(' | ')} |\n| --- | --- |${' ---: |'.repeat(head.length - 2)}\n`,
    );
  }
  const ms = (/** @type {number | undefined} */ value) =>
    value === undefined || Number.isNaN(value) ? '–' : `${Math.round(value)} ms`;
  const times = (/** @type {number} */ value) =>
    Number.isNaN(value) ? '–' : `${value.toFixed(2)} ×`;
  const cells = [
    `\`${result.command}\``,
    result.node,
    ...phases.map((name) => ms(result.phases_ms[name])),
    ms(result.ms),
    ms(result.node_alone_ms),
    times(result.to_node_alone),
    ms(result.nats_ms),
    times(result.to_nats),
    ms(result.cpu_ms),
    times(result.cpu_to_node_alone),
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
