// Measures JetStream publishes with a window of outstanding acks, and requests with one outstanding, over one lane.
// Usage: node bench/wire-replies.mjs [--size 128] [--window 500] [--seconds 3]
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { startBenchServer } from './support/bench-server.mjs';
import { dialTo, loadWire } from './support/wire-bundle.mjs';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '128' },
    window: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '3' },
  },
});
const windowSize = Number(values.window);
const durationMs = 1000 * Number(values.seconds);
const payload = new Uint8Array(Number(values.size)).fill(120);

const { openLane, ReplyInbox, RequestMux } = await loadWire();
const server = await startBenchServer({ jetstream: true });
const lane = await openLane(dialTo(server.url), { version: '0' });
const mux = new RequestMux(lane, '_INBOX');

try {
  for (const storage of ['file', 'memory']) {
    const stream = `wire_replies_${storage}`;
    await api(`STREAM.CREATE.${stream}`, { name: stream, subjects: [stream], storage });
    const { acks, refused, rate } = await publishFor(stream);
    console.log(
      `js-pub ${storage.padEnd(6)} window ${windowSize}: ${Math.round(rate / 1000)} k/s (${acks} acks, ${refused} refused)`,
    );
    await api(`STREAM.DELETE.${stream}`, {});
  }
  await requests();
} finally {
  await lane.close();
  await server.stop();
}

async function api(subject, body) {
  const request = { subject: `$JS.API.${subject}`, payload: Buffer.from(JSON.stringify(body)) };
  const { message } = await mux.request(request, 5000);
  const answer = JSON.parse(Buffer.from(message.payload).toString());
  if (answer.error !== undefined) throw new Error(answer.error.description);
}

function publishFor(subject) {
  return new Promise((resolve) => {
    let sent = 0;
    let acks = 0;
    let refused = 0;
    const start = performance.now();
    const inbox = new ReplyInbox(lane, '_INBOX', (_number, reply) => {
      acks++;
      // `{"error":` in place of `{"stream":`
      if (reply.buffer[reply.payloadStart + 2] !== 115) refused++;
      fill();
    });
    const frame = inbox.prepare({ subject, payload });
    fill();

    function fill() {
      const elapsedMs = performance.now() - start;
      if (elapsedMs < durationMs) {
        while (sent - acks < windowSize) lane.publishNumbered(frame, sent++);
      } else if (sent === acks) {
        inbox.close();
        resolve({ acks, refused, rate: acks / (elapsedMs / 1000) });
      }
    }
  });
}

async function requests() {
  const responder = await openLane(dialTo(server.url), { version: '0' });
  responder.subscribe('wire.echo', {}, (request) => {
    responder.publish({ subject: request.reply ?? '', payload: request.payload });
    responder.sendBatch();
  });
  await responder.flush(5000);
  const rttsNs = [];
  const start = performance.now();
  while (performance.now() - start < durationMs) {
    rttsNs.push((await mux.request({ subject: 'wire.echo', payload }, 5000)).rttNs);
  }
  await responder.close();
  rttsNs.sort((a, b) => a - b);
  const microseconds = (share) => Math.round(rttsNs[Math.floor(share * rttsNs.length)] / 1000);
  console.log(
    `request, one outstanding: p50 ${microseconds(0.5)} µs, p99 ${microseconds(0.99)} µs (${rttsNs.length})`,
  );
}
