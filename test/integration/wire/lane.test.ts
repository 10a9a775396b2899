import { describe, expect, it } from 'vitest';
import { encodeHeadersBlock } from '../../../src/core/message/headers-block.js';
import { encodePublish, repeatFrame } from '../../../src/wire/frame-buffer.js';
import type { NatsxError } from '../../../src/core/errors.js';
import { startNatsServer } from '../../support/nats-server.js';
import { bytes, callback, dialTo, failure, laneTo } from './dialled.js';

describe('messages', () => {
  it('arrive as they were sent', async () => {
    const { url } = await startNatsServer();
    const lane = await laneTo(dialTo(url));
    const seen: unknown[] = [];
    lane.subscribe('a.*', {}, (view) => {
      const { subject, reply, headers, payload } = view.toMessage(0);
      seen.push([subject, reply, headers && [...headers], Buffer.from(payload).toString()]);
    });
    const headersBlock = encodeHeadersBlock(new Map([['Name', ['ä', 'b']]]));
    lane.publish({ subject: 'a.1', payload: bytes('one') });
    lane.publish({ subject: 'a.2', reply: 'r', headersBlock, payload: bytes('') });
    lane.publish({ subject: 'b', payload: bytes('not for us') });
    await lane.flush(60_000);
    expect(seen).toEqual([
      ['a.1', undefined, undefined, 'one'],
      ['a.2', 'r', [['Name', ['ä', 'b']]], ''],
    ]);
    expect(lane.counters).toMatchObject({ messagesIn: 2, messagesOut: 3 });
  });

  it('are counted exactly, a million of them', async () => {
    const { url } = await startNatsServer();
    const subscriber = await laneTo(dialTo(url));
    const publisher = await laneTo(dialTo(url));
    let received = 0;
    let payloadBytes = 0;
    subscriber.subscribe('bench', {}, (message) => {
      received++;
      payloadBytes += message.payloadSize;
    });
    await subscriber.flush(60_000);
    const chunk = repeatFrame(
      encodePublish({ subject: 'bench', payload: bytes('0123456789abcdef') }),
      32_000,
    );
    expect(chunk.frames).toBe(1000);
    for (let sent = 0; sent < 1_000_000; sent += chunk.frames) {
      if (!publisher.write(chunk.bytes, chunk.frames)) await publisher.drained();
    }
    await publisher.flush(30_000);
    await subscriber.flush(30_000);
    expect(received).toBe(1_000_000);
    expect(payloadBytes).toBe(16_000_000);
    expect(publisher.counters.messagesOut).toBe(1_000_000);
    expect(subscriber.counters.messagesIn).toBe(1_000_000);
  });

  it('of every size around the read buffer keep their bytes', async () => {
    const { url } = await startNatsServer();
    const lane = await laneTo(dialTo(url));
    const sizes = [0, 1, 65_535, 262_100, 262_144, 1_048_576, 3];
    const seen: [number, boolean][] = [];
    lane.subscribe('a', {}, ({ payload }) => {
      seen.push([payload.length, payload.every((byte, at) => byte === at % 251)]);
    });
    for (const size of sizes) {
      lane.publish({
        subject: 'a',
        payload: Uint8Array.from({ length: size }, (_, at) => at % 251),
      });
    }
    await lane.flush(60_000);
    expect(seen).toEqual(sizes.map((size) => [size, true]));
  });

  it('of own making do not come back without echo', async () => {
    const { url } = await startNatsServer();
    const lane = await laneTo(dialTo(url), { echo: false });
    const subscription = lane.subscribe('a', {}, () => undefined);
    lane.publish({ subject: 'a', payload: bytes('x') });
    await lane.flush(60_000);
    expect(subscription.received).toBe(0);
  });

  it('are shared in a queue group', async () => {
    const { url } = await startNatsServer();
    const lane = await laneTo(dialTo(url));
    const members = [0, 1].map(() => lane.subscribe('a', { queue: 'q' }, () => undefined));
    for (let count = 0; count < 200; count++) lane.publish({ subject: 'a', payload: bytes('') });
    await lane.flush(60_000);
    const shares = members.map(({ received }) => received);
    expect(shares[0]! + shares[1]!).toBe(200);
    expect(Math.min(...shares)).toBeGreaterThan(0);
  });

  it('stop with unsubscribe, at once or after a number', async () => {
    const { url } = await startNatsServer();
    const lane = await laneTo(dialTo(url));
    const ended = lane.subscribe('a', {}, () => undefined);
    const bounded = lane.subscribe('a', {}, () => undefined);
    ended.unsubscribe();
    bounded.unsubscribe(3);
    for (let count = 0; count < 10; count++) lane.publish({ subject: 'a', payload: bytes('') });
    await lane.flush(60_000);
    expect([ended.received, bounded.received]).toEqual([0, 3]);
  });

  it('wait in the server while a lane is paused', async () => {
    const { url } = await startNatsServer({ config: { write_deadline: '60s' } });
    const reader = await laneTo(dialTo(url));
    const writer = await laneTo(dialTo(url));
    const subscription = reader.subscribe('a', {}, () => undefined);
    await reader.flush(60_000);
    reader.pause();
    const payload = new Uint8Array(64 * 1024);
    for (let count = 0; count < 512; count++) {
      if (!writer.publish({ subject: 'a', payload })) await writer.drained();
    }
    await writer.flush(60_000);
    // 32 MiB were sent, and the paused lane has read next to nothing of them.
    expect(reader.counters.bytesIn).toBeLessThan(1024 * 1024);
    expect(subscription.received).toBeLessThan(16);
    reader.resume();
    await reader.flush(60_000);
    expect(subscription.received).toBe(512);
  });

  it('that a handler cannot bear end the lane with what it threw', async () => {
    const { url } = await startNatsServer();
    const { happened, happen } = callback<NatsxError | undefined>();
    const lane = await laneTo(dialTo(url), { closed: happen });
    lane.subscribe('a', {}, () => {
      throw new RangeError('no');
    });
    lane.publish({ subject: 'a', payload: bytes('') });
    const error = await happened;
    expect(error?.kind).toBe('internal');
    expect(error?.cause).toBeInstanceOf(RangeError);
    expect(lane.endedByHandler).toBe(true);
  });
});

describe('back-pressure on writes', () => {
  it('asks the writer to wait while the server takes nothing', async () => {
    const server = await startNatsServer();
    const lane = await laneTo(dialTo(server.url));
    server.pause();
    const payload = new Uint8Array(1024 * 1024);
    let written = 0;
    while (lane.publish({ subject: 'a', payload })) {
      written++;
      expect(written).toBeLessThan(100);
    }
    expect(lane.pendingBytes).toBeGreaterThan(0);
    const drained = lane.drained();
    server.resume();
    await drained;
    expect(lane.pendingBytes).toBe(0);
  });
});

describe('round trips', () => {
  it('are measured, several at a time', async () => {
    const { url } = await startNatsServer();
    const lane = await laneTo(dialTo(url));
    const trips = await Promise.all([lane.flush(60_000), lane.rttNs(60_000), lane.flush(60_000)]);
    for (const rttNs of trips) {
      expect(Number.isInteger(rttNs)).toBe(true);
      expect(rttNs).toBeGreaterThan(1000);
    }
  });

  it('time out, and the late answer is not taken for another', async () => {
    const server = await startNatsServer();
    const lane = await laneTo(dialTo(server.url));
    server.pause();
    expect((await failure(lane.flush(50))).kind).toBe('timeout');
    const second = lane.flush(60_000);
    server.resume();
    expect(await second).toBeGreaterThan(0);
    expect(await lane.flush(60_000)).toBeGreaterThan(0);
  });
});
