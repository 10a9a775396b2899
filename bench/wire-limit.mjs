// Measures how many messages per second one lane publishes and takes delivery of, beside a raw socket that
// writes the same bytes and only counts what it reads. Usage: node bench/wire-limit.mjs [--rounds 3]
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { startBenchServer } from './support/bench-server.mjs';
import { dialTo, loadWire } from './support/wire-bundle.mjs';

const SIZES = [16, 128, 1024];
const MEASURE_MS = 1500;
const CHUNK_BYTES = 64 * 1024;
const SUBJECT = 'bench';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = Number(values.rounds);

const { openLane, encodePublish, repeatFrame } = await loadWire();
const server = await startBenchServer();
const dial = dialTo(server.url);

try {
  for (const size of SIZES) {
    const frame = encodePublish({ subject: SUBJECT, payload: new Uint8Array(size).fill(120) });
    const chunk = repeatFrame(frame, CHUNK_BYTES);
    const best = { lanePublish: 0, rawPublish: 0, laneDeliver: 0, rawDeliver: 0 };
    for (let round = 0; round < rounds; round++) {
      best.rawPublish = Math.max(best.rawPublish, await rawPublish(chunk));
      best.lanePublish = Math.max(best.lanePublish, await lanePublish(chunk));
      best.rawDeliver = Math.max(best.rawDeliver, await rawDeliver(chunk, size));
      best.laneDeliver = Math.max(best.laneDeliver, await laneDeliver(chunk));
    }
    const line = (what, lane, raw) =>
      `${String(size).padStart(5)} B  ${what.padEnd(8)} lane ${millions(lane)}  raw ${millions(raw)}  ${((100 * lane) / raw).toFixed(0)} %`;
    console.log(line('publish', best.lanePublish, best.rawPublish));
    console.log(line('deliver', best.laneDeliver, best.rawDeliver));
  }
} finally {
  await server.stop();
}

async function lanePublish(chunk) {
  const lane = await openLane(dial, { version: '0' });
  const sent = await writeFor(lane, chunk, MEASURE_MS);
  await lane.close();
  return sent.rate;
}

async function writeFor(lane, chunk, durationMs) {
  await lane.flush(5000);
  const start = performance.now();
  let frames = 0;
  while (performance.now() - start < durationMs) {
    if (!lane.write(chunk.bytes, chunk.frames)) await lane.drained();
    frames += chunk.frames;
  }
  await lane.flush(30_000);
  return { frames, rate: frames / ((performance.now() - start) / 1000) };
}

async function laneDeliver(chunk) {
  const subscriber = await openLane(dial, { version: '0' });
  const publisher = await openLane(dial, { version: '0' });
  let received = 0;
  let bytes = 0;
  subscriber.subscribe(SUBJECT, {}, (message) => {
    received++;
    bytes += message.payloadSize;
  });
  await subscriber.flush(5000);
  const start = performance.now();
  const sent = await pacedWrite(publisher, chunk, () => received);
  while (received < sent) await subscriber.flush(30_000);
  const rate = received / ((performance.now() - start) / 1000);
  if (bytes !== received * (chunk.bytes.length / chunk.frames - overhead(chunk)))
    throw new Error('bytes do not add up');
  await Promise.all([subscriber.close(), publisher.close()]);
  return rate;
}

function overhead(chunk) {
  const text = chunk.bytes.toString('latin1', 0, 64);
  return text.indexOf('\r\n') + 4;
}

/** Keeps the publisher ahead of the subscriber, but not so far that the server calls it slow. */
async function pacedWrite(lane, chunk, received) {
  const start = performance.now();
  const ahead = Math.max(1, Math.floor((16 * 1024 * 1024) / chunk.bytes.length)) * chunk.frames;
  let sent = 0;
  while (performance.now() - start < MEASURE_MS) {
    if (sent - received() > ahead) {
      await new Promise(setImmediate);
      continue;
    }
    if (!lane.write(chunk.bytes, chunk.frames)) await lane.drained();
    sent += chunk.frames;
  }
  return sent;
}

async function rawConnect(subscribe) {
  const { hostname, port } = new URL(server.url);
  const buffer = Buffer.allocUnsafeSlow(256 * 1024);
  const state = { bytes: 0, tail: '', waiting: undefined };
  const socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    writableHighWaterMark: 1024 * 1024,
    onread: {
      buffer,
      callback(length, read) {
        state.bytes += length;
        if (state.waiting !== undefined) {
          state.tail += read.toString('latin1', 0, length);
          if (state.tail.includes('PONG\r\n')) {
            const done = state.waiting;
            state.waiting = undefined;
            state.tail = '';
            done();
          }
        }
        return true;
      },
    },
  });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const ping = () =>
    new Promise((resolve) => {
      state.waiting = resolve;
      socket.write('PING\r\n');
    });
  socket.write('CONNECT {"verbose":false,"pedantic":false}\r\n');
  if (subscribe) socket.write(`SUB ${SUBJECT} 1\r\n`);
  await ping();
  state.bytes = 0;
  return { socket, state, ping };
}

async function rawPublish(chunk) {
  const { socket, ping } = await rawConnect(false);
  const start = performance.now();
  let frames = 0;
  while (performance.now() - start < MEASURE_MS) {
    if (!socket.write(chunk.bytes)) await new Promise((resolve) => socket.once('drain', resolve));
    frames += chunk.frames;
  }
  await ping();
  const rate = frames / ((performance.now() - start) / 1000);
  socket.destroy();
  return rate;
}

async function rawDeliver(chunk, size) {
  const reader = await rawConnect(true);
  const publisher = await openLane(dial, { version: '0' });
  const frameBytes = `MSG ${SUBJECT} 1 ${size}\r\n`.length + size + 2;
  const received = () => Math.floor(reader.state.bytes / frameBytes);
  const start = performance.now();
  const sent = await pacedWrite(publisher, chunk, received);
  while (received() < sent) await new Promise(setImmediate);
  const rate = sent / ((performance.now() - start) / 1000);
  reader.socket.destroy();
  await publisher.close();
  return rate;
}

function millions(rate) {
  return `${(rate / 1e6).toFixed(2)} M/s`;
}
