#!/usr/bin/env node
/**
 * Lines of stdin, a message each: `natsx pub --lines` against the official tool, alternately, on one server; prints
 * lines a second and their ratio. The peer asks the server after each message, so that it gets fewer lines.
 * Options: `--rounds 3 --lines 1000000 --peer-lines 20000 --size 48`.
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
    rounds: { type: 'string', default: '3' },
    lines: { type: 'string', default: '1000000' },
    'peer-lines': { type: 'string', default: '20000' },
    size: { type: 'string', default: '48' },
  },
});
const natsx = join(import.meta.dirname, '..', 'bin', 'run.js');
const peer = await findPeer();
console.log(`peer: ${peer.reason}`);
const folder = mkdtempSync(join(tmpdir(), 'natsx-lines-'));
const server = await startBenchServer();

/** @param {string} name @param {number} count */
function inputFile(name, count) {
  const path = join(folder, name);
  const lines = Array.from({ length: count }, (_, at) =>
    `${at}`.padStart(Number(values.size), '0'),
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

async function arrived() {
  const response = await fetch(`${server.monitorUrl}/varz`);
  return Number((await response.json()).in_msgs);
}

/** Lines a second of one run that has delivered all of them. @param {string} program @param {string[]} args */
async function rate(program, args, /** @type {string} */ input, /** @type {number} */ lines) {
  const before = await arrived();
  const stdin = openSync(input, 'r');
  const started = performance.now();
  const { status, stderr } = spawnSync(program, args, {
    stdio: [stdin, 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  const seconds = (performance.now() - started) / 1000;
  closeSync(stdin);
  const sent = (await arrived()) - before;
  if (status === 0 && sent === lines) return lines / seconds;
  throw new Error(
    `${program}: exit code ${status}, ${sent} of ${lines} lines: ${stderr.slice(0, 500)}`,
  );
}

try {
  const lines = Number(values.lines);
  const peerLines = Number(values['peer-lines']);
  const ours = inputFile('ours', lines);
  const theirs = inputFile('theirs', peerLines);
  const flags = ['--server', server.url, '--no-context'];
  /** @type {number[]} */
  const natsxRates = [];
  /** @type {number[]} */
  const peerRates = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const args = [natsx, 'pub', 'lines', '--lines', ...flags];
    natsxRates.push(await rate(process.execPath, args, ours, lines));
    if (peer.path === undefined) continue;
    const peerArgs = ['pub', 'lines', '--force-stdin', '--send-on', 'newline', '-q', ...flags];
    peerRates.push(await rate(peer.path, peerArgs, theirs, peerLines));
  }
  console.log(`natsx pub --lines  ${spreadText(natsxRates, 'lines/s')}`);
  if (peerRates.length > 0) {
    console.log(`nats pub           ${spreadText(peerRates, 'lines/s')}`);
    const ratios = natsxRates.map((one, round) => one / (peerRates[round] ?? Number.NaN));
    console.log(`ratio              ${spreadText(ratios, '×')}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
}
