// Reads the same burst with `natsx sub --raw` and with the official nats tool, alternately, each into a file, and
// prints the ratio of lines a second with its spread.
// Usage: node bench/sub-vs-peer.mjs [--rounds 5] [--messages 1000000] [--size 48] [--json]
// It needs a built natsx (npm run build), a nats-server and the nats tool; both are found by the project's own scripts.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { ensureNatsServer } from '../scripts/nats-server.mjs';
import { findPeer } from '../scripts/peer.mjs';
import { startNatsServer } from '../scripts/start-nats-server.mjs';

const SUBJECT = 'versus.sub';
/** A file that has not grown for so long is complete, or will never be. */
const STILL_MS = 1_500;
const natsx = join(import.meta.dirname, '..', 'bin', 'run.js');

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    messages: { type: 'string', default: '1000000' },
    size: { type: 'string', default: '48' },
    json: { type: 'boolean', default: false },
  },
});
const messages = Number(options.messages);
const sizeBytes = Number(options.size);
const lineBytes = sizeBytes + 1;

const folder = mkdtempSync(join(tmpdir(), 'natsx-sub-'));
const server = await startNatsServer({
  binary: await ensureNatsServer(),
  folder,
  config: 'http: "127.0.0.1:-1"',
});
const url = server.ports.nats[0];
const monitor = server.ports.monitoring[0];
const environment = { ...process.env, XDG_CONFIG_HOME: folder };

/** Opens a connection that writes frames as they are. */
async function rawConnection() {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'data');
  socket.write('CONNECT {"verbose":false,"pedantic":false,"lang":"raw","version":"0"}\r\n');
  return socket;
}

/** Publishes everything as fast as the server takes it. */
async function publishBurst() {
  const socket = await rawConnection();
  const frame = `PUB ${SUBJECT} ${sizeBytes}\r\n${'x'.repeat(sizeBytes)}\r\n`;
  const perBlock = 1_000;
  const block = Buffer.from(frame.repeat(perBlock));
  for (let sent = 0; sent < messages; sent += perBlock) {
    const part =
      messages - sent < perBlock ? block.subarray(0, frame.length * (messages - sent)) : block;
    if (!socket.write(part)) await once(socket, 'drain');
  }
  const answered = once(socket, 'data');
  socket.write('PING\r\n');
  await answered;
  socket.destroy();
}

async function subscriptions() {
  const response = await fetch(new URL('/subsz?subs=1', monitor));
  const { subscriptions_list: list = [] } = await response.json();
  return list.filter(({ subject }) => subject === SUBJECT).length;
}

/** @param {string} program @param {string[]} args */
async function measure(program, args) {
  const file = join(folder, 'lines');
  const descriptor = openSync(file, 'w');
  const reader = spawn(program, args, {
    env: environment,
    stdio: ['ignore', descriptor, 'ignore'],
  });
  closeSync(descriptor);
  while ((await subscriptions()) === 0) await sleep(5);
  const startMs = performance.now();
  const published = publishBurst();
  let size = 0;
  let grownMs = startMs;
  while (size < messages * lineBytes && performance.now() - grownMs < STILL_MS) {
    await sleep(2);
    const now = statSync(file).size;
    if (now > size) grownMs = performance.now();
    size = now;
  }
  await published;
  const ended = once(reader, 'exit');
  reader.kill('SIGINT');
  await ended;
  while ((await subscriptions()) > 0) await sleep(5);
  const lines = Math.floor(statSync(file).size / lineBytes);
  return { linesPerSecond: (lines / (grownMs - startMs)) * 1000, lost: messages - lines };
}

const natsxRound = () =>
  measure(process.execPath, [natsx, 'sub', SUBJECT, '--raw', '--server', url, '--no-context']);
/** @param {string} peer */
const peerRound = (peer) =>
  measure(peer, ['sub', SUBJECT, '--raw', '--server', url, '--no-context']);

/** @param {number[]} values */
function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  return { median: middle, min: sorted[0], max: sorted.at(-1) };
}

/** @param {{ linesPerSecond: number, lost: number }} round */
const shown = ({ linesPerSecond, lost }) =>
  `${Math.round(linesPerSecond / 1000)} k lines/s${lost === 0 ? '' : ` (${lost} lost)`}`;

try {
  const peer = await findPeer();
  if (peer.path === undefined) process.stderr.write(`no comparison: ${peer.reason}\n`);
  await natsxRound();
  const rounds = [];
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    const ours = await natsxRound();
    const theirs = peer.path === undefined ? undefined : await peerRound(peer.path);
    rounds.push({ ours, theirs });
    const against = theirs === undefined ? '' : `, nats ${shown(theirs)}`;
    process.stderr.write(`round ${round}: natsx ${shown(ours)}${against}\n`);
  }
  const ratios = rounds.flatMap(({ ours, theirs }) =>
    theirs === undefined ? [] : [ours.linesPerSecond / theirs.linesPerSecond],
  );
  const report = {
    messages,
    size_bytes: sizeBytes,
    natsx_lines_per_s: spread(rounds.map(({ ours }) => ours.linesPerSecond)),
    natsx_lost: rounds.map(({ ours }) => ours.lost),
    ...(ratios.length === 0
      ? {}
      : {
          peer_lines_per_s: spread(rounds.map(({ theirs }) => theirs?.linesPerSecond ?? 0)),
          peer_lost: rounds.map(({ theirs }) => theirs?.lost ?? 0),
          ratio: spread(ratios),
        }),
  };
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const { ratio } = report;
    const verdict =
      ratio === undefined
        ? `natsx sub --raw: ${Math.round(report.natsx_lines_per_s.median / 1000)} k lines/s`
        : `sub --raw to a file: ${ratio.median.toFixed(2)} × the peer (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`;
    process.stdout.write(`${verdict}\n`);
  }
} finally {
  server.child.kill();
  rmSync(folder, { recursive: true, force: true });
}
