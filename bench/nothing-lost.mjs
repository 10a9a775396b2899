#!/usr/bin/env node
/**
 * Proves that nothing is lost or stored twice while a server is restarted twice, once killed and once in good order:
 *
 * 1. a stream is recorded, replayed into another one with acknowledgements while the server is restarted, and recorded
 *    again: the two recordings have the same bytes;
 * 2. lines are published with message ids while the server is restarted: the stream has each line once, in order.
 *
 * Prints how long it took and what natsx said; fails at the first difference. One message in four is the same as
 * others, one in four is JSON, one in four binary. Options: `--messages 1000000 --size 128`, and
 * `--rate 25000` for few messages, so that it is not over before the restarts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { ensureNatsServer } from '../scripts/nats-server.mjs';
import { startNatsServer } from '../scripts/start-nats-server.mjs';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    size: { type: 'string', default: '128' },
    rate: { type: 'string' },
  },
});
const messages = Number(values.messages);
const size = Number(values.size);
const pace = values.rate === undefined ? [] : ['--rate', values.rate];
const natsx = join(import.meta.dirname, '..', 'bin', 'run.js');
const folder = mkdtempSync(join(tmpdir(), 'natsx-lost-'));
const binary = await ensureNatsServer();
const jetstream = `jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }`;

/** @param {number} [port] @param {string} [monitor] */
function start(port, monitor = '127.0.0.1:-1') {
  const config = `http: "${monitor}"\n${jetstream}`;
  return startNatsServer({ binary, folder, config, ...(port !== undefined && { port }) });
}

let server = await start();
const url = server.ports.nats[0] ?? '';
const monitorUrl = server.ports.monitoring?.[0] ?? '';
const common = ['--server', url, '--no-context'];

/** @param {NodeJS.Signals} signal */
async function restart(signal) {
  const ended = once(server.child, 'exit');
  server.child.kill(signal);
  await ended;
  const at = Date.now() + 10_000;
  for (;;) {
    try {
      server = await start(Number(new URL(url).port), new URL(monitorUrl).host);
      return;
    } catch (error) {
      // Another program may hold the port for a moment.
      if (Date.now() > at) throw error;
      await pause(50);
    }
  }
}

/** @param {string} stream */
async function stored(stream) {
  try {
    const response = await fetch(`${monitorUrl}/jsz?streams=1`);
    const { account_details: accounts = [] } = /** @type {any} */ (await response.json());
    const streams = accounts[0]?.stream_detail ?? [];
    return streams.find((/** @type {any} */ { name }) => name === stream)?.state.messages ?? 0;
  } catch {
    return 0;
  }
}

/** Runs natsx to its end. @param {string[]} args @param {string} [input] a file for stdin @returns what it said */
async function run(args, input) {
  const stdin = input === undefined ? 'ignore' : openSync(input, 'r');
  const startedMs = performance.now();
  const child = spawn(process.execPath, [natsx, ...args, ...common], {
    stdio: [stdin, 'ignore', 'pipe'],
  });
  if (typeof stdin === 'number') closeSync(stdin);
  let said = '';
  child.stderr?.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`natsx ${args.join(' ')} ended with ${code}:\n${said}`);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const lines = said
    .trimEnd()
    .split('\n')
    .filter((line) => !line.includes('\r'));
  console.log(`  ${args[0]}: ${seconds} s\n${lines.map((line) => `    ${line}`).join('\n')}`);
}

/** While natsx works: the server is killed after a third, and restarted after two. @param {string} stream */
async function twoRestarts(stream, /** @type {Promise<void>} */ work) {
  /** @type {{ over: boolean }} */
  const state = { over: false };
  const ended = work.finally(() => (state.over = true));
  ended.catch(() => undefined);
  for (const [share, signal] of /** @type {const} */ ([
    [1 / 3, 'SIGKILL'],
    [2 / 3, 'SIGTERM'],
  ])) {
    while (!state.over && (await stored(stream)) < share * messages) await pause(20);
    if (state.over) await ended;
    if (state.over) throw new Error(`it was over before the server got its ${signal}`);
    await restart(signal);
  }
  await ended;
}

/** @param {number} at */
function line(at) {
  const number = String(at).padStart(10, '0');
  if (at % 4 === 0) return 'tick'.padEnd(size, '.');
  if (at % 4 === 1)
    return `{"n":${number.replace(/^0+(?=\d)/, '')},"filler":"`.padEnd(size - 2, 'x') + '"}';
  if (at % 4 === 2) return `${number} \u0001ä`.padEnd(size, '-');
  return `${number} `.padEnd(size, 'y');
}

async function writeInput() {
  const path = join(folder, 'input');
  const file = createWriteStream(path);
  for (let at = 0; at < messages; at += 1_000) {
    let text = '';
    for (let each = at; each < Math.min(at + 1_000, messages); each++) text += `${line(each)}\n`;
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
  return path;
}

/** @param {string} path */
const linesOf = (path) => createInterface({ input: createReadStream(path), crlfDelay: Infinity });

/** What follows the sequence and the time in the lines of a recording. @param {string} path */
async function* contents(path) {
  let expected = 0;
  for await (const text of linesOf(path)) {
    if (expected++ === 0) continue;
    const { seq } = /** @type {any} */ (/^\{"stream":"\w+","seq":(?<seq>\d+),/.exec(text)?.groups);
    if (Number(seq) !== expected - 1)
      throw new Error(`${path}: sequence ${seq} at line ${expected}`);
    yield text.slice(text.indexOf('"subject"'));
  }
}

/** @param {AsyncIterable<string>} left @param {AsyncIterable<string>} right @param {string} what */
async function same(left, right, what) {
  const others = right[Symbol.asyncIterator]();
  let count = 0;
  for await (const text of left) {
    count += 1;
    const { value } = await others.next();
    if (value !== text) throw new Error(`${what}: message ${count} differs:\n${text}\n${value}`);
  }
  if ((await others.next()).done !== true) throw new Error(`${what}: there are more than ${count}`);
  if (count !== messages) throw new Error(`${what}: ${count} messages, not ${messages}`);
  console.log(`  ${what}: ${count.toLocaleString('en-US')} messages, byte for byte`);
}

async function* mapped(
  /** @type {AsyncIterable<string>} */ lines,
  /** @type {[string, string]} */ [from, to],
) {
  for await (const text of lines) yield text.replace(from, to);
}

/** The bodies of a recording as lines of text. @param {string} path */
async function* bodies(path) {
  for await (const text of contents(path)) {
    const { payload, payload_base64: base64 } = JSON.parse(`{${text}`);
    if (base64 !== undefined) yield Buffer.from(base64, 'base64').toString();
    else yield typeof payload === 'string' ? payload : JSON.stringify(payload);
  }
}

try {
  for (const name of ['FROM', 'TO', 'LINES']) {
    await run(['stream', 'create', name, '--subjects', `${name.toLowerCase()}.>`]);
  }
  const input = await writeInput();
  await run(['pub', 'from.a', '-J', '--lines'], input);
  const [first, second, third] = ['first', 'second', 'third'].map((name) =>
    join(folder, `${name}.jsonl`),
  );
  console.log('record, replay with two restarts, record again');
  await run(['record', first, '--stream', 'FROM']);
  await twoRestarts('TO', run(['replay', first, '-J', '--map', 'from.>=to.>', ...pace]));
  await run(['record', second, '--stream', 'TO']);
  await same(contents(first), mapped(contents(second), ['"to.', '"from.']), 'the two recordings');
  console.log('pub --lines with message ids and two restarts');
  await twoRestarts(
    'LINES',
    run(['pub', 'lines.a', '-J', '--lines', '--msg-id', 'run-{{Count}}', ...pace], input),
  );
  await run(['record', third, '--stream', 'LINES']);
  await same(linesOf(input), bodies(third), 'the lines and the stream');
} finally {
  const ended = once(server.child, 'exit');
  server.child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}
