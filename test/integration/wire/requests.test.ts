import { describe, expect, it } from 'vitest';
import type { Lane } from '../../../src/wire/lane.js';
import { ReplyInbox } from '../../../src/wire/reply-inbox.js';
import { RequestMux } from '../../../src/wire/request-mux.js';
import { startNatsServer } from '../../support/nats-server.js';
import { bytes, dialTo, failure, laneTo } from './dialled.js';

/** Answers with the payload of the request. */
async function echoOn(lane: Lane, subject: string): Promise<void> {
  lane.subscribe(subject, {}, (request) => {
    const { reply, payload } = request.toMessage(0);
    if (reply !== undefined) lane.publish({ subject: reply, payload });
  });
  await lane.flush(60_000);
}

describe('RequestMux', () => {
  it('gives each request its own reply', async () => {
    const { url } = await startNatsServer();
    await echoOn(await laneTo(dialTo(url)), 'echo');
    const mux = new RequestMux(await laneTo(dialTo(url)), '_INBOX');
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        mux.request({ subject: 'echo', payload: bytes(`number ${at}`) }, 30_000),
      ),
    );
    const texts = replies.map(({ message }) => Buffer.from(message.payload).toString());
    expect(texts).toEqual(Array.from({ length: 100 }, (_, at) => `number ${at}`));
    for (const { rttNs } of replies) expect(rttNs).toBeGreaterThan(1000);
  });

  it('says when nobody listens', async () => {
    const { url } = await startNatsServer();
    const mux = new RequestMux(await laneTo(dialTo(url)), '_INBOX');
    const error = await failure(mux.request({ subject: 'nobody', payload: bytes('') }, 30_000));
    expect(error.kind).toBe('no-responders');
    expect(error.message).toBe('no responders on "nobody"');
  });

  it('says when nobody answers', async () => {
    const { url } = await startNatsServer();
    const lane = await laneTo(dialTo(url));
    lane.subscribe('mute', {}, () => undefined);
    const mux = new RequestMux(lane, 'own.inbox');
    const error = await failure(mux.request({ subject: 'mute', payload: bytes('') }, 50));
    expect(error.kind).toBe('timeout');
  });

  it('fails what waits when it is closed', async () => {
    const { url } = await startNatsServer();
    const lane = await laneTo(dialTo(url));
    lane.subscribe('mute', {}, () => undefined);
    const mux = new RequestMux(lane, '_INBOX');
    const waiting = failure(mux.request({ subject: 'mute', payload: bytes('') }, 60_000));
    mux.close();
    expect((await waiting).kind).toBe('connection');
  });
});

describe('ReplyInbox', () => {
  it('tells the replies to prepared requests apart by their number', async () => {
    const { url } = await startNatsServer();
    await echoOn(await laneTo(dialTo(url)), 'echo');
    const lane = await laneTo(dialTo(url));
    const seen = new Set<number>();
    let allSeen: () => void = () => undefined;
    const complete = new Promise<void>((resolve) => (allSeen = resolve));
    const inbox = new ReplyInbox(lane, '_INBOX', (number, reply) => {
      if (reply.payload.toString() === 'body') seen.add(number);
      if (seen.size === 5000) allSeen();
    });
    const prepared = inbox.prepare({ subject: 'echo', payload: bytes('body') });
    for (let number = 0; number < 5000; number++) {
      if (!lane.publishNumbered(prepared, number)) await lane.drained();
    }
    await complete;
    expect(Math.max(...seen)).toBe(4999);
  });
});
