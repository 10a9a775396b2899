// Reads a stream to its end with `natsx sub --stream --raw` and with the official nats tool, alternately, each into a
// file; then writes it to a file with `natsx record`, and publishes that with `natsx replay`.
// Usage: node bench/stream-vs-peer.mjs [--rounds 5] [--messages 1000000] [--size 128] [--json]
// It needs a built natsx (npm run build), a nats-server and the nats tool; both are found by the project's own scripts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { ensureNatsServer } from '../scripts/nats-server.mjs';
import { findPeer } from '../scripts/peer.mjs';
import { startNatsServer } from '../scripts/start-nats-server.mjs';
import { loadWire } from './wire-bundle.mjs';

const natsx = join(import.meta.dirname, '..', 'bin', 'run.js');
/** Acknowledgements that may be outstanding while the stream is filled. */
const WINDOW = 2_000;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    messages: { type: 'string', default: '1000000' },
    size: { type: 'string', default: '128' },
    json: { type: 'boolean', default: false },
  },
});
const messages = Number(options.messages);
const sizeBytes = Number(options.size);

const folder = mkdtempSync(join(tmpdir(), 'natsx-stream-'));
const server = await startNatsServer({
  binary: await ensureNatsServer(),
  folder,
  config: `jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }`,
});
const url = server.ports.nats[0];
const environment = { ...process.env, XDG_CONFIG_HOME: folder };
const common = ['--server', url, '--no-context'];

/** Text that differs from message to message, as `order 17 abcde…`. @param {number} number */
const payload = (number) => Buffer.from(`order ${number} `.padEnd(sizeBytes, 'abcdefghij klmno'));

async function fillStream() {
  const { openLane, ReplyInbox } = await loadWire();
  const lane = await openLane(dial(), { version: '0' });
  let acknowledged = 0;
  let wake = () => undefined;
  const inbox = new ReplyInbox(lane, '_INBOX', () => {
    acknowledged += 1;
    wake();
  });
  for (let number = 1; number <= messages; number += 1) {
    const frame = { subject: `versus.${number % 10}`, reply: inbox.subject(number) };
    lane.publish({ ...frame, payload: payload(number) });
    while (number - acknowledged >= WINDOW) await new Promise((resolve) => (wake = resolve));
  }
  while (acknowledged < messages) await new Promise((resolve) => (wake = resolve));
  await lane.close();
}

function dial() {
  return {
    servers: [url],
    name: 'fill',
    credentials: () => ({}),
    tls: undefined,
    tlsFirst: false,
    inboxPrefix: '_INBOX',
    timeoutMs: 5000,
  };
}

/** Runs a program to its end, start included. @param {string} program @param {string[]} args @returns messages a second */
async function measure(program, args) {
  const file = join(folder, 'out');
  const descriptor = openSync(file, 'w');
  const startMs = performance.now();
  const child = spawn(program, args, {
    env: environment,
    stdio: ['ignore', descriptor, 'ignore'],
  });
  closeSync(descriptor);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return {
    perSecond: (messages / (performance.now() - startMs)) * 1000,
    bytes: statSync(file).size,
  };
}

/** @param {string[]} args */
const ours = (...args) => measure(process.execPath, [natsx, ...args, ...common]);

/** @param {{ bytes: number }} round */
function checked(round) {
  const wanted = messages * (sizeBytes + 1);
  if (round.bytes !== wanted) throw new Error(`${round.bytes} bytes came, not ${wanted}`);
  return round;
}

/** @param {number[]} values */
function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], min: sorted[0], max: sorted.at(-1) };
}

const thousands = (/** @type {number} */ value) => `${Math.round(value / 1000)} k/s`;

try {
  await ours('stream', 'create', 'VERSUS', '--subjects', 'versus.>');
  await ours('stream', 'create', 'COPY', '--subjects', 'copy.>');
  await fillStream();
  const peer = await findPeer();
  if (peer.path === undefined) process.stderr.write(`no comparison: ${peer.reason}\n`);
  const recording = join(folder, 'recording.jsonl');
  const rounds = [];
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    const read = checked(
      await ours('sub', '--stream', 'VERSUS', '--from-start', '--until-end', '--raw'),
    );
    const theirs =
      peer.path === undefined
        ? undefined
        : checked(
            await measure(peer.path, [
              ...['sub', 'versus.*', '--stream', 'VERSUS', '--all', '-T', '--raw'],
              ...common,
            ]),
          );
    const record = await ours('record', recording, '--stream', 'VERSUS', '--overwrite');
    const replay = await ours('replay', recording, '-J', '--map', 'versus.>=copy.>');
    rounds.push({
      read: read.perSecond,
      peer: theirs?.perSecond,
      record: record.perSecond,
      replay: replay.perSecond,
    });
    const against = theirs === undefined ? '' : `, nats ${thousands(theirs.perSecond)}`;
    process.stderr.write(
      `round ${round}: read ${thousands(read.perSecond)}${against}, ` +
        `record ${thousands(record.perSecond)}, replay ${thousands(replay.perSecond)}\n`,
    );
  }
  const report = {
    messages,
    size_bytes: sizeBytes,
    read_per_s: spread(rounds.map(({ read }) => read)),
    ratio: spread(
      rounds.flatMap(({ read, peer: theirs }) => (theirs === undefined ? [] : [read / theirs])),
    ),
    record_per_s: spread(rounds.map(({ record }) => record)),
    replay_per_s: spread(rounds.map(({ replay }) => replay)),
  };
  if (options.json) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  else {
    const { median, min, max } = report.ratio;
    const ratio =
      median === undefined
        ? ''
        : `; ${median.toFixed(2)} × of the official tool (${min.toFixed(2)} to ${max.toFixed(2)})`;
    process.stdout.write(
      `read ${thousands(report.read_per_s.median)}${ratio}\n` +
        `record ${thousands(report.record_per_s.median)}, replay ${thousands(report.replay_per_s.median)}\n`,
    );
  }
} finally {
  const ended = once(server.child, 'exit');
  server.child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}
