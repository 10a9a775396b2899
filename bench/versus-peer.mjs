// Runs natsx bench and the official nats tool alternately on one server, and prints the ratio with its spread.
// Usage: node bench/versus-peer.mjs [--rounds 5] [--only pub,pubsub] [--json]
// It needs a built natsx (npm run build), a nats-server and the nats tool; both are found by the project's own scripts.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { ensureNatsServer } from '../scripts/nats-server.mjs';
import { findPeer } from '../scripts/peer.mjs';
import { startNatsServer } from '../scripts/start-nats-server.mjs';

const run = promisify(execFile);
const natsx = join(import.meta.dirname, '..', 'bin', 'run.js');
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const peer = await findPeer();
if (peer.path === undefined) throw new Error(peer.reason);
const peerProgram = peer.path;
const folder = mkdtempSync(join(tmpdir(), 'natsx-versus-'));
const server = await startNatsServer({
  binary: await ensureNatsServer(),
  folder,
  config: `http: "127.0.0.1:-1"\njetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }`,
});
const url = server.ports.nats[0];
const monitor = server.ports.monitoring[0];

/** Both sides use subjects of the same length: it is part of every frame. */
const SUBJECT = 'versus.bench';
const COMMON = ['--warmup', '200ms', '--json', '--server', url, '--no-context'];

/** @param {string[]} args @returns {Promise<any>} natsx's report */
async function natsxReport(args) {
  const { stdout } = await run(process.execPath, [natsx, 'bench', ...args, ...COMMON], {
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout);
}

/** @param {string[]} args @returns {Promise<string>} what the peer prints */
async function peerText(args) {
  const { stdout, stderr } = await run(peerProgram, ['--server', url, '--no-context', ...args], {
    timeout: 60_000,
  });
  return stdout + stderr;
}

/** @param {string} text */
function peerRate(text) {
  const rates = [...text.matchAll(/([\d,]+) msgs\/sec/g)].map((match) =>
    Number(match[1].replaceAll(',', '')),
  );
  if (rates.length === 0) throw new Error(`the peer printed no rate:\n${text}`);
  return rates.at(-1);
}

/** @param {string} text */
function peerP50(text) {
  return Number(/P50: ([\d.,]+)us/.exec(text)?.[1]?.replaceAll(',', '')) * 1000;
}

const rateOf = (report) => report.totals.rate_per_s;
const quiet = '--no-progress';

/** A long-running peer process beside the one that is measured. @param {string[]} args */
function peerBeside(args) {
  const child = spawn(peerProgram, ['--server', url, '--no-context', ...args]);
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  const ended = new Promise((resolve) => child.on('close', () => resolve(text)));
  return { child, ended };
}

/** The peer does not say when it has subscribed: it is asked until it is seen among the server's subscriptions. */
async function subscribed() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const response = await fetch(`${monitor}/subsz?subs=1`);
    const { subscriptions_list: list = [] } = await response.json();
    if (list.some(({ subject }) => subject === SUBJECT)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the peer does not subscribe to ${SUBJECT}`);
}

/** @param {number} size @param {number} messages */
async function peerPubSub(size, messages) {
  const args = ['--msgs', String(messages), '--size', `${size}B`, quiet];
  const sub = peerBeside(['bench', 'sub', SUBJECT, ...args]);
  await subscribed();
  await peerText(['bench', 'pub', SUBJECT, ...args]);
  return peerRate(await sub.ended);
}

const PEER_STREAM = 'PEER_VERSUS';
const dropStream = () => peerText(['stream', 'rm', '-f', PEER_STREAM]).catch(() => '');

/** @param {string} mode @param {string} storage @param {number} messages */
async function peerJsPub(mode, storage, messages) {
  await dropStream();
  const batch = mode === 'async' ? ['--batch', '500'] : [];
  const text = await peerText([
    ...['bench', 'js', 'pub', mode, SUBJECT, '--create', '--stream', PEER_STREAM, ...batch],
    ...['--storage', storage, '--msgs', String(messages), '--size', '128B', quiet],
  ]);
  await dropStream();
  return peerRate(text);
}

/** @param {string} acks @param {number} messages */
async function peerConsume(acks, messages) {
  await dropStream();
  await peerText([
    ...['bench', 'js', 'pub', 'async', SUBJECT, '--create', '--stream', PEER_STREAM],
    ...['--msgs', String(messages), '--size', '128B', quiet],
  ]);
  const text = await peerText([
    ...['bench', 'js', 'consume', '--stream', PEER_STREAM, '--acks', acks],
    ...['--msgs', String(messages), quiet],
  ]);
  await dropStream();
  return peerRate(text);
}

async function peerRequest() {
  const serve = peerBeside(['bench', 'service', 'serve', SUBJECT, '--size', '128B', quiet]);
  await subscribed();
  const text = await peerText([
    ...['bench', 'service', 'request', SUBJECT, '--msgs', '10000', '--size', '128B', quiet],
  ]);
  serve.child.kill();
  await serve.ended;
  return peerP50(text);
}

const million = 1_000_000;
const sized = (name, size, peerMessages) => [
  {
    name: `pub ${name}`,
    only: 'pub',
    natsx: async () =>
      rateOf(
        await natsxReport([
          'pub',
          SUBJECT,
          '--size',
          String(size),
          '--msgs',
          String(4 * peerMessages),
        ]),
      ),
    peer: async () =>
      peerRate(
        await peerText([
          'bench',
          'pub',
          SUBJECT,
          '--msgs',
          String(4 * peerMessages),
          '--size',
          `${size}B`,
          quiet,
        ]),
      ),
  },
  {
    name: `pubsub ${name}`,
    only: 'pubsub',
    natsx: async () =>
      rateOf(
        await natsxReport([
          'pubsub',
          SUBJECT,
          '--size',
          String(size),
          '--msgs',
          String(peerMessages),
        ]),
      ),
    peer: () => peerPubSub(size, peerMessages),
  },
];
const jsPub = (name, args, peerMeasure) => ({
  name,
  only: 'js-pub',
  natsx: async () => rateOf(await natsxReport(['js-pub', SUBJECT, ...args])),
  peer: peerMeasure,
});
const scenarios = [
  ...sized('16 B', 16, 2 * million),
  ...sized('128 B', 128, 2 * million),
  ...sized('1 KiB', 1024, million / 2),
  jsPub('js-pub window 500, file', ['--msgs', '200k'], () => peerJsPub('async', 'file', 200_000)),
  jsPub('js-pub window 500, memory', ['--msgs', '200k', '--storage', 'memory'], () =>
    peerJsPub('async', 'memory', 200_000),
  ),
  jsPub('js-pub sync, file', ['--msgs', '20k', '--window', '1'], () =>
    peerJsPub('sync', 'file', 20_000),
  ),
  ...['none', 'explicit'].map((ack) => ({
    name: `js-consume ack ${ack}`,
    only: 'js-consume',
    natsx: async () =>
      rateOf(await natsxReport(['js-consume', SUBJECT, '--msgs', '200k', '--ack', ack])),
    peer: () => peerConsume(ack, 200_000),
  })),
  {
    name: 'request p50 (less is better)',
    only: 'request',
    natsx: async () => (await natsxReport(['request', SUBJECT, '--msgs', '10k'])).response.p50_ns,
    peer: peerRequest,
  },
].filter(({ only }) => options.only === undefined || options.only.split(',').includes(only));

/** @param {number[]} values */
function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const median = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

const results = [];
try {
  for (const scenario of scenarios) {
    const pairs = [];
    for (let round = 0; round < Number(options.rounds); round++) {
      // Whoever comes first changes from round to round.
      const order = round % 2 === 0 ? ['natsx', 'peer'] : ['peer', 'natsx'];
      const pair = {};
      for (const side of order) pair[side] = await scenario[side]();
      pairs.push(pair);
    }
    const result = {
      name: scenario.name,
      natsx: spread(pairs.map((pair) => pair.natsx)),
      peer: spread(pairs.map((pair) => pair.peer)),
      ratio: spread(pairs.map((pair) => pair.natsx / pair.peer)),
    };
    results.push(result);
    if (!options.json) process.stdout.write(`${line(result)}\n`);
  }
} finally {
  server.child.kill();
  rmSync(folder, { recursive: true, force: true });
}
if (options.json)
  process.stdout.write(
    `${JSON.stringify({ cpu: cpus()[0]?.model, cores: cpus().length, results }, null, 2)}\n`,
  );

function line({ name, natsx: own, peer: other, ratio }) {
  const scale = name.includes('p50') ? [1e3, 'µs'] : [1e3, 'k/s'];
  const show = (value) => `${(value / scale[0]).toFixed(0)} ${scale[1]}`;
  const times = (value) => value.toFixed(2);
  return `| ${name} | ${show(own.median)} | ${show(other.median)} | ${times(ratio.median)} × (${times(ratio.min)} to ${times(ratio.max)}) |`;
}
