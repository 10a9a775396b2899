#!/usr/bin/env node
/**
 * Runs natsx and the official nats tool in turn on one server, and prints the ratio of each comparison in the table
 * below: the median of the rounds with the least and the greatest. The one that runs first changes with each round.
 * It needs a built natsx (`npm run build`); the scripts of the project find the server and the tool. Without the tool
 * only natsx is measured.
 *
 *     node bench/versus.mjs --list
 *     node bench/versus.mjs --only sub,bench-pub --rounds 3
 *
 * Options: `--list`; `--only` names or their beginnings (`bench-pub` is bench-pub-16b, bench-pub-128b …); `--rounds`;
 * `--scale 0.1` for a tenth of the messages, to try a row; `--json`.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { findPeer } from '../scripts/peer.mjs';
import { compare, scaled } from './support/compare.mjs';
import {
  benchP50,
  benchRate,
  linesPublished,
  linesReceived,
  linesStored,
  startUp,
  streamCopied,
  streamRead,
} from './support/readings.mjs';

/**
 * @typedef {import('./support/compare.mjs').Comparison} Comparison
 * @typedef {import('./support/compare.mjs').Part} Part
 */

/** Subjects of the same length for both: it is part of every frame. */
const subject = 'versus.bench';
const report = '--warmup 200ms --json';
const stream = 'PEER_VERSUS';
const million = 1_000_000;
const header = [
  '| comparison | natsx | peer | ratio: median (min–max) | goal |',
  '| --- | ---: | ---: | ---: | ---: |',
];

/** @param {string} label @param {number} bytes @param {number} n @returns {Comparison[]} */
const benchCore = (label, bytes, n) => [
  {
    name: `bench-pub-${label}`,
    natsx: { run: `natsx bench pub ${subject} --size ${bytes} --msgs {n} ${report}`, n: 4 * n },
    peer: { run: `nats bench pub ${subject} --size ${bytes}B --msgs {n} --no-progress`, n: 4 * n },
    reading: benchRate,
    goal: '≥ 1.2 ×',
  },
  {
    name: `bench-pubsub-${label}`,
    natsx: { run: `natsx bench pubsub ${subject} --size ${bytes} --msgs {n} ${report}`, n },
    peer: {
      run: `nats bench pub ${subject} --size ${bytes}B --msgs {n} --no-progress`,
      beside: {
        run: `nats bench sub ${subject} --size ${bytes}B --msgs {n} --no-progress`,
        subscribes: subject,
        ends: true,
        read: true,
      },
      n,
    },
    reading: benchRate,
    goal: '≥ 1.2 ×',
  },
];

const peerPub = `nats bench js pub async ${subject} --create --stream ${stream}`;
const peerSize = '--msgs {n} --size 128B --no-progress';
const removed = [`nats stream rm -f ${stream}`];

/** @type {Comparison[]} */
const comparisons = [
  {
    name: 'sub',
    natsx: { run: 'natsx sub versus.sub --raw', n: million },
    peer: { run: 'nats sub versus.sub --raw', n: million },
    reading: linesReceived,
    goal: '≥ 1.5 ×',
  },
  {
    name: 'pub-lines',
    natsx: { run: 'natsx pub lines --lines', n: million },
    // The peer asks the server after each message, so that it gets fewer lines.
    peer: { run: 'nats pub lines --force-stdin --send-on newline -q', n: 20_000 },
    reading: linesPublished,
    goal: '≥ 50 ×',
  },
  ...['', ' --msg-id round-{round}-{{Count}}'].map((ids) => ({
    name: `pub-js-${ids === '' ? 'lines' : 'ids'}`,
    natsx: {
      before: ['natsx stream purge LINES --yes'],
      run: `natsx pub lines --jetstream --lines${ids}`,
      n: million / 2,
    },
    peer: {
      before: ['natsx stream purge LINES --yes'],
      run: 'nats pub lines --jetstream --force-stdin --send-on newline -q',
      n: 20_000,
    },
    reading: linesStored,
    goal: ids === '' ? '≥ 15 ×' : '–',
  })),
  {
    name: 'start-up',
    natsx: { run: 'natsx pub a b', n: 1 },
    peer: { run: 'bare-script', n: 1 },
    reading: startUp,
    goal: '≤ 1.4 ×',
    rounds: 15,
  },
  {
    name: 'stream-read',
    natsx: { run: 'natsx sub --stream VERSUS --from-start --until-end --raw', n: million },
    peer: { run: 'nats sub versus.* --stream VERSUS --all -T --raw', n: million },
    reading: streamRead,
    goal: '≥ 1.5 ×',
  },
  {
    name: 'stream-record',
    natsx: { run: 'natsx record {file} --stream VERSUS --overwrite', n: million },
    reading: streamCopied,
    goal: '≥ 200 k/s',
  },
  {
    name: 'stream-replay',
    natsx: {
      before: ['natsx record {file} --stream VERSUS --overwrite', 'natsx stream purge COPY --yes'],
      run: 'natsx replay {file} --jetstream --map versus.>=copy.>',
      n: million,
    },
    reading: streamCopied,
    goal: '≥ 100 k/s',
  },
  ...benchCore('16b', 16, 2 * million),
  ...benchCore('128b', 128, 2 * million),
  ...benchCore('1k', 1024, million / 2),
  ...[
    { storage: 'file', goal: '≥ 1.7 ×' },
    { storage: 'memory', goal: '≥ 2 ×' },
  ].map(({ storage, goal }) => ({
    name: `bench-js-pub-${storage}`,
    natsx: {
      run: `natsx bench js-pub ${subject} --msgs {n} --storage ${storage} ${report}`,
      n: 200_000,
    },
    peer: {
      run: `${peerPub} --batch 500 --storage ${storage} ${peerSize}`,
      n: 200_000,
      after: removed,
    },
    reading: benchRate,
    goal,
  })),
  {
    name: 'bench-js-pub-sync',
    natsx: { run: `natsx bench js-pub ${subject} --msgs {n} --window 1 ${report}`, n: 20_000 },
    peer: {
      run: `${peerPub.replace('async', 'sync')} --storage file ${peerSize}`,
      n: 20_000,
      after: removed,
    },
    reading: benchRate,
    goal: '≥ 1 ×',
  },
  ...['atomic', 'fast'].map((mode) => ({
    name: `bench-js-pub-${mode}`,
    natsx: {
      run: `natsx bench js-pub ${subject} --msgs {n} --mode ${mode} ${report}`,
      n: 200_000,
    },
    peer: {
      run: `${peerPub.replace('async', mode)} --batch 500 --storage file ${peerSize}`,
      n: 200_000,
      after: removed,
    },
    reading: benchRate,
    goal: '≥ 1 ×',
  })),
  ...[
    { acks: 'none', goal: '≥ 1.3 ×' },
    { acks: 'explicit', goal: '≥ 1 ×' },
  ].map(({ acks, goal }) => ({
    name: `bench-js-consume-${acks}`,
    natsx: {
      run: `natsx bench js-consume ${subject} --msgs {n} --ack ${acks} ${report}`,
      n: 200_000,
    },
    peer: {
      before: [`${peerPub} ${peerSize}`],
      run: `nats bench js consume --stream ${stream} --acks ${acks} ${peerSize}`,
      n: 200_000,
      after: removed,
    },
    reading: benchRate,
    goal,
  })),
  {
    name: 'bench-request',
    natsx: { run: `natsx bench request ${subject} --msgs {n} ${report}`, n: 10_000 },
    peer: {
      run: `nats bench service request ${subject} ${peerSize}`,
      beside: {
        run: `nats bench service serve ${subject} --size 128B --no-progress`,
        subscribes: subject,
        ends: false,
      },
      n: 10_000,
    },
    reading: benchP50,
    goal: '≤ 1.05 ×',
  },
];

const { values: options } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    scale: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const scale = numberOf('--scale', options.scale);
const rounds = options.rounds === undefined ? undefined : numberOf('--rounds', options.rounds);
const chosen = chosenBy(options.only);

if (options.list) for (const one of chosen) console.log(described(one));
else await compareAll();

/** @param {string} flag @param {string} text */
function numberOf(flag, text) {
  if (Number(text) > 0) return Number(text);
  return refuse(`${flag} ${text}: not a number above 0`);
}

/** @param {string} text @returns {never} */
function refuse(text) {
  process.stderr.write(`error: ${text}\n`);
  process.exit(2);
}

/** @param {string | undefined} only */
function chosenBy(only) {
  if (only === undefined) return comparisons;
  const terms = only.split(',');
  const fits =
    (/** @type {string} */ term) =>
    (/** @type {Comparison} */ { name }) =>
      `${name}-`.startsWith(`${term}-`);
  const unknown = terms.find((term) => !comparisons.some(fits(term)));
  if (unknown !== undefined) refuse(`--only ${unknown}: no such comparison; see --list`);
  return comparisons.filter((one) => terms.some((term) => fits(term)(one)));
}

/** @param {Comparison} comparison */
function described({ name, natsx, peer, reading, goal }) {
  const commands = (/** @type {Part} */ { before = [], beside, run, n }) =>
    [...before, ...(beside === undefined ? [] : [`${beside.run} &`]), run]
      .map((command) => command.replaceAll('{n}', String(scaled(n, scale))))
      .join('; ');
  return [
    name,
    `  natsx  ${commands(natsx)}`,
    ...(peer === undefined ? [] : [`  peer   ${commands(peer)}`]),
    `  figure ${reading.what}${reading.lessIsBetter ? ' (less is better)' : ''}`,
    `  goal   ${goal}`,
  ].join('\n');
}

async function compareAll() {
  const peer = await findPeer();
  process.stderr.write(`peer: ${peer.reason}\n`);
  const results = [];
  if (!options.json) console.log(header.join('\n'));
  for (const one of chosen) {
    const result = await compare(one, { peerPath: peer.path, rounds, scale });
    results.push(result);
    if (!options.json) console.log(line(one, result));
  }
  if (!options.json) return;
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length };
  console.log(JSON.stringify({ ...machine, results }, undefined, 2));
}

/** A row of a table in Markdown. @param {Comparison} comparison @param {Awaited<ReturnType<typeof compare>>} result */
function line({ reading }, { name, unit, goal, natsx, peer, ratio }) {
  const thousands = unit.endsWith('/s');
  const shown = (/** @type {number} */ value) =>
    thousands
      ? `${(value / 1_000).toFixed(value < 100_000 ? 1 : 0)} k/s`
      : `${value.toFixed(0)} ${unit}`;
  const spread = ratio && [ratio.median, ratio.min, ratio.max].map((value) => value.toFixed(2));
  const times = spread ? `${spread[0]} × (${spread[1]}–${spread[2]})` : '–';
  const title = reading.lessIsBetter ? `${name} (less is better)` : name;
  return `| ${title} | ${shown(natsx.median)} | ${peer ? shown(peer.median) : '–'} | ${times} | ${goal} |`;
}
