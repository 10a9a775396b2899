/** The ways to read a figure off a run of natsx or of the program that it is compared with. */
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A file that has not grown for this long is complete, or will never be. */
const stillMs = 1_500;

/**
 * @typedef {import('./lab.mjs').Lab} Lab
 *
 * @typedef {object} Side What one of the two programs does in a round.
 * @property {string} run the command that is measured
 * @property {number} n messages
 * @property {string[]} [before] commands to run first, not measured
 * @property {string[]} [after] commands to run afterwards
 * @property {{ run: string, subscribes: string, ends: boolean, read?: boolean }} [beside] runs beside the command, from
 *   the moment that it has subscribed; ends: by itself; read: the figure is in its output
 *
 * @typedef {object} Reading
 * @property {string} what how the figure is read, in words
 * @property {'msgs/s' | 'lines/s' | 'ms' | 'µs'} unit
 * @property {boolean} [lessIsBetter]
 * @property {boolean} [jetstream] the server has a file store
 * @property {boolean} [warmUp] the first round fills the system's caches and does not count
 * @property {(lab: Lab, n: number) => Promise<unknown>} [prepare] once, before the rounds
 * @property {(lab: Lab, side: Side) => Promise<number>} read
 */

/** @param {Lab} lab @param {Side} side @returns {Promise<string>} the output that has the figure */
async function benchOutput(lab, { run, beside }) {
  const other = beside && lab.start(beside.run);
  if (beside) await lab.subscribed(beside.subscribes, true);
  const own = await lab.run(run);
  if (other === undefined) return own.stdout + own.stderr;
  if (!beside?.ends) await other.end('SIGTERM');
  if (!beside?.read) return own.stdout + own.stderr;
  const { stdout, stderr } = await other.finished;
  return stdout + stderr;
}

/**
 * What both tools' `bench` report.
 *
 * @param {{ what: string, unit: Reading['unit'], lessIsBetter?: boolean, ofReport: (report: any) => number,
 *   ofText: RegExp, scale?: number }} figure ofText: the last match counts
 * @returns {Reading}
 */
function benchReading({ what, unit, lessIsBetter = false, ofReport, ofText, scale = 1 }) {
  return {
    what,
    unit,
    lessIsBetter,
    jetstream: true,
    read: async (lab, side) => {
      if (side.run.startsWith('natsx '))
        return ofReport(JSON.parse((await lab.run(side.run)).stdout));
      const text = await benchOutput(lab, side);
      const found = [...text.matchAll(ofText)].at(-1)?.[1];
      if (found === undefined) throw new Error(`${side.run}: no figure in the output\n${text}`);
      return Number(found.replaceAll(',', '')) * scale;
    },
  };
}

export const benchRate = benchReading({
  what: 'the rate that each tool reports',
  unit: 'msgs/s',
  ofReport: (report) => report.totals.rate_per_s,
  ofText: /([\d,]+) msgs\/sec/g,
});

export const benchP50 = benchReading({
  what: 'the median that each tool reports',
  unit: 'µs',
  lessIsBetter: true,
  ofReport: (report) => report.response.p50_ns / 1_000,
  ofText: /P50: ([\d.,]+)us/g,
});

/** @param {Lab} lab @param {number} lines @param {number} bytes of each */
function linesFile(lab, lines, bytes) {
  const path = lab.path(`lines-${lines}`);
  const text = Array.from({ length: lines }, (_, at) => `${at}`.padStart(bytes, '0'));
  writeFileSync(path, `${text.join('\n')}\n`);
  return path;
}

/**
 * Lines of stdin, a message each. @param {Lab} lab @param {Side} side @param {number} bytes
 * @param {() => Promise<number>} arrived messages that the server has
 */
async function linesPerSecond(lab, { run, n }, bytes, arrived) {
  const stdin = linesFile(lab, n, bytes);
  const before = await arrived();
  const { seconds } = await lab.run(run, { stdin, stdout: lab.path('out') });
  const sent = (await arrived()) - before;
  if (sent !== n) throw new Error(`${run}: ${sent} of ${n} lines arrived`);
  return n / seconds;
}

/** @type {Reading} */
export const linesPublished = {
  what: 'lines of 48 B on stdin; time of the whole program; the server counts all of them',
  unit: 'lines/s',
  read: (lab, side) => linesPerSecond(lab, side, 48, lab.published),
};

/** @type {Reading} */
export const linesStored = {
  what: 'lines of 128 B on stdin; time of the whole program; all of them are in the stream',
  unit: 'lines/s',
  jetstream: true,
  prepare: (lab) => lab.run('natsx stream create LINES --subjects lines'),
  read: (lab, side) => linesPerSecond(lab, side, 128, lab.stored),
};

/** Publishes as fast as the server takes it. @param {string} url @param {string} frame @param {number} n */
async function publishBurst(url, frame, n) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'data');
  socket.write('CONNECT {"verbose":false,"pedantic":false,"lang":"raw","version":"0"}\r\n');
  const perBlock = 1_000;
  const block = Buffer.from(frame.repeat(perBlock));
  for (let left = n; left > 0; left -= perBlock) {
    const part = left < perBlock ? block.subarray(0, frame.length * left) : block;
    if (!socket.write(part)) await once(socket, 'drain');
  }
  const answered = once(socket, 'data');
  socket.write('PING\r\n');
  await answered;
  socket.destroy();
}

const burst = { subject: 'versus.sub', bytes: 48 };

/** @type {Reading} */
export const linesReceived = {
  what: 'a burst of 48 B at full speed; lines in the output file, until it stops growing',
  unit: 'lines/s',
  warmUp: true,
  read: async (lab, { run, n }) => {
    const { subject, bytes } = burst;
    const out = lab.path('out');
    const reader = lab.start(run, { stdout: out });
    await lab.subscribed(subject, true);
    const startMs = performance.now();
    const frame = `PUB ${subject} ${bytes}\r\n${'x'.repeat(bytes)}\r\n`;
    const published = publishBurst(lab.url, frame, n);
    let size = 0;
    let grownMs = startMs;
    while (size < n * (bytes + 1) && performance.now() - grownMs < stillMs) {
      await pause(2);
      const now = statSync(out).size;
      if (now > size) grownMs = performance.now();
      size = now;
    }
    await published;
    await reader.end('SIGINT');
    await lab.subscribed(subject, false);
    const lines = Math.floor(statSync(out).size / (bytes + 1));
    if (lines < n) process.stderr.write(`  ${run}: lost ${n - lines} of ${n}\n`);
    return (lines / (grownMs - startMs)) * 1_000;
  },
};

const streamBytes = 128;

/** Fills the stream VERSUS with text on ten subjects, and creates COPY. @param {Lab} lab @param {number} n */
async function fillStream(lab, n) {
  await lab.run('natsx stream create VERSUS --subjects versus.>');
  await lab.run('natsx stream create COPY --subjects copy.>');
  const stdin = lab.path('fill');
  const lines = Array.from({ length: n }, (_, at) => {
    const payload = `order ${at} `.padEnd(streamBytes, 'abcdefghij klmno');
    return `{"subject":"versus.${at % 10}","payload":"${payload}"}\n`;
  });
  writeFileSync(stdin, lines.join(''));
  await lab.run('natsx pub --jsonl --jetstream', { stdin });
}

/** @type {Reading} */
export const streamRead = {
  what: 'a stream of 128 B into a file; time of the whole program; every byte is there',
  unit: 'msgs/s',
  jetstream: true,
  prepare: fillStream,
  read: async (lab, { run, n }) => {
    const stdout = lab.path('out');
    const { seconds } = await lab.run(run, { stdout });
    const { size } = statSync(stdout);
    const wanted = n * (streamBytes + 1);
    if (size !== wanted) throw new Error(`${run}: ${size} bytes, not ${wanted}`);
    return n / seconds;
  },
};

/** @type {Reading} */
export const streamCopied = {
  what: 'a stream of 128 B; time of the whole program',
  unit: 'msgs/s',
  jetstream: true,
  prepare: fillStream,
  read: async (lab, { run, n }) => n / (await lab.run(run)).seconds,
};

/** @type {Reading} */
export const startUp = {
  what: 'time of the whole program; its output is checked',
  unit: 'ms',
  lessIsBetter: true,
  warmUp: true,
  read: async (lab, { run }) => {
    const { seconds, stdout, stderr } = await lab.run(run);
    const wanted = run.startsWith('natsx ') ? 'published 1 message, 1 B\n' : '';
    if (stdout !== '' || stderr !== wanted) throw new Error(`${run}: ${stdout}${stderr}`);
    return seconds * 1_000;
  },
};
