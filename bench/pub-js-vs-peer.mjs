#!/usr/bin/env node
/**
 * Lines of stdin into a stream, each acknowledged: `natsx pub --jetstream --lines` against the official tool's
 * `pub --jetstream --send-on newline`, alternately, on one server with a file store; prints lines a second and their
 * ratio. The peer waits for each acknowledgement before it sends the next line, so that it gets fewer lines.
 * Options: `--rounds 5 --lines 500000 --peer-lines 20000 --size 128 --ids`; with `--ids` each of our lines has a
 * message id.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { findPeer } from '../scripts/peer.mjs';
import { startBenchServer } from './bench-server.mjs';
import { spreadText } from './spread.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    lines: { type: 'string', default: '500000' },
    'peer-lines': { type: 'string', default: '20000' },
    size: { type: 'string', default: '128' },
    ids: { type: 'boolean', default: false },
  },
});
const natsx = join(import.meta.dirname, '..', 'bin', 'run.js');
const peer = await findPeer();
console.log(`peer: ${peer.reason}`);
const folder = mkdtempSync(join(tmpdir(), 'natsx-lines-'));
const server = await startBenchServer({ jetstream: true });
const connection = ['--server', server.url, '--no-context'];

/** @param {string} name @param {number} count */
function inputFile(name, count) {
  const path = join(folder, name);
  const lines = Array.from({ length: count }, (_, at) =>
    `${at}`.padStart(Number(values.size), '0'),
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** @param {string[]} args */
function manage(args) {
  const { status, stderr } = spawnSync(process.execPath, [natsx, ...args, ...connection]);
  if (status !== 0) throw new Error(`natsx ${args.join(' ')}: ${stderr.toString()}`);
}

async function stored() {
  const response = await fetch(`${server.monitorUrl}/jsz`);
  return Number((await response.json()).messages);
}

/** Lines a second of one run, all of which are in the stream. @param {string} program @param {string[]} args */
async function rate(program, args, /** @type {string} */ input, /** @type {number} */ lines) {
  manage(['stream', 'purge', 'LINES', '--yes']);
  const stdin = openSync(input, 'r');
  const started = performance.now();
  const { status, stderr } = spawnSync(program, [...args, ...connection], {
    stdio: [stdin, 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  const seconds = (performance.now() - started) / 1000;
  closeSync(stdin);
  const arrived = await stored();
  if (status === 0 && arrived === lines) return lines / seconds;
  throw new Error(
    `${program}: exit code ${status}, ${arrived} of ${lines} lines: ${stderr.slice(0, 500)}`,
  );
}

try {
  manage(['stream', 'create', 'LINES', '--subjects', 'lines']);
  const lines = Number(values.lines);
  const peerLines = Number(values['peer-lines']);
  const ours = inputFile('ours', lines);
  const theirs = inputFile('theirs', peerLines);
  /** @type {number[]} */
  const natsxRates = [];
  /** @type {number[]} */
  const peerRates = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const ids = values.ids ? ['--msg-id', `round-${round}-{{Count}}`] : [];
    const args = [natsx, 'pub', 'lines', '--jetstream', '--lines', ...ids];
    natsxRates.push(await rate(process.execPath, args, ours, lines));
    if (peer.path === undefined) continue;
    const peerArgs = ['pub', 'lines', '--jetstream', '--force-stdin', '--send-on', 'newline', '-q'];
    peerRates.push(await rate(peer.path, peerArgs, theirs, peerLines));
  }
  console.log(`natsx pub --jetstream --lines  ${spreadText(natsxRates, 'lines/s')}`);
  if (peerRates.length > 0) {
    console.log(`nats pub --jetstream           ${spreadText(peerRates, 'lines/s')}`);
    const ratios = natsxRates.map((one, round) => one / (peerRates[round] ?? Number.NaN));
    console.log(`ratio                          ${spreadText(ratios, '×')}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
}
