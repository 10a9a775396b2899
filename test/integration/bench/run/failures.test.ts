import { afterEach, describe, expect, it } from 'vitest';
import { startNatsServer } from '../../../support/nats-server.js';
import type { NatsServer, ServerOptions } from '../../../support/nats-server.js';
import type { EngineOptions } from '../../../../src/bench/model/run.js';
import { openLane } from '../../../../src/wire/open-lane.js';
import { RequestMux } from '../../../../src/wire/request-mux.js';
import { dialTo } from '../../wire/dialled.js';
import { eventually } from '../../../support/eventually.js';
import { bench, streamsOn } from './bench-run.js';

/** Of those who must not wait for it. */
const TIMEOUT_MS = 40_000;

let server: NatsServer | undefined;

async function serve(options: ServerOptions = {}): Promise<NatsServer> {
  server = await startNatsServer(options);
  return server;
}

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

describe('what goes wrong', () => {
  it('counts what is lost on the way', async () => {
    const lossy = await serve({
      config: { mappings: { 'lossy.data': [{ destination: 'lossy.data', weight: '90%' }] } },
    });
    const { report, failure } = await bench(lossy, {
      scenario: 'pubsub',
      subject: 'lossy.data',
      messages: 10_000,
      idleMs: 3_000,
    });
    const { sent, received, lost } = report.totals;
    expect(sent).toBe(10_000);
    expect(received + lost).toBe(sent);
    const varz = await lossy.monitor('/varz');
    expect(received).toBe(Number(varz['out_msgs']));
    expect(lost / sent).toBeCloseTo(0.1, 1);
    expect(failure).toMatchObject({
      kind: 'unhealthy',
      message: `${lost} of 10000 messages were lost`,
    });
  });

  it('ends a refused publisher with the refusal, not with a rate', async () => {
    const strict = await serve({
      authorization: {
        default_permissions: { publish: { deny: 'secret' } },
        users: [{ user: 'a', password: 'b' }],
      },
    });
    const started = Date.now();
    const base = { scenario: 'pub', subject: 'secret', durationMs: 60_000 } as const;
    const { failure, report } = await bench(strict, base, withUser(strict));
    expect(failure?.kind).toBe('auth');
    expect(failure?.message).toContain('secret');
    expect(report.outcome).toBe('failed');
    expect(report.totals.ratePerS).toBe(0);
    expect(report.verdict.sentence).toContain('rejected');
    // Long before the duration is over.
    expect(Date.now() - started).toBeLessThan(50_000);
  });

  it('ends a refused subscriber with the refusal', async () => {
    const strict = await serve({
      authorization: {
        default_permissions: { subscribe: { deny: 'secret' } },
        users: [{ user: 'a', password: 'b' }],
      },
    });
    const base = { scenario: 'pubsub', subject: 'secret', durationMs: 60_000 } as const;
    const { failure } = await bench(strict, base, withUser(strict));
    expect(failure?.kind).toBe('auth');
  });

  it.each([
    ['js-pub', { publish: { deny: '$JS.API.>' } }],
    ['js-pub', { publish: { deny: '$JS.API.STREAM.CREATE.>' } }],
    ['js-consume', { publish: { deny: '$JS.API.CONSUMER.>' } }],
    ['js-get', { publish: { deny: 'secret' } }],
    ['js-consume', { subscribe: { deny: '_INBOX.>' } }],
  ] as const)('hears a refusal that has no reply: %s without %j', async (scenario, denied) => {
    const strict = await serve({
      jetstream: true,
      config: {
        authorization: {
          default_permissions: denied,
          users: [{ user: 'a', password: 'b' }],
        },
      },
    });
    const started = Date.now();
    const run = bench(strict, { scenario, subject: 'secret', messages: 100 }, withUser(strict));
    await expect(run).rejects.toMatchObject({ kind: 'auth' });
    // It waited for no time-out.
    expect(Date.now() - started).toBeLessThan(TIMEOUT_MS);
    expect(await streamsOn(strict)).toEqual([]);
  });

  it('is told of more clients than the server takes', async () => {
    const small = await serve({ config: { max_connections: 4 } });
    await expect(bench(small, { scenario: 'pub', messages: 10, clients: 8 })).rejects.toMatchObject(
      { kind: 'connection' },
    );
  });

  it('refuses bodies that the server would refuse', async () => {
    const small = await serve({ maxPayload: 1024 });
    const size = { kind: 'range', minBytes: 0, maxBytes: 2000 } as const;
    await expect(bench(small, { scenario: 'pub', messages: 10, size })).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('2000 bytes') as string,
    });
  });

  it('says that there is no JetStream', async () => {
    const plain = await serve();
    await expect(bench(plain, { scenario: 'js-pub', messages: 10 })).rejects.toMatchObject({
      kind: 'not-found',
    });
  });

  it('says that nobody answers', async () => {
    const plain = await serve();
    const { failure } = await bench(plain, {
      scenario: 'request',
      responders: 0,
      durationMs: 5_000,
    });
    expect(failure?.kind).toBe('no-responders');
  });

  it('gives up a lone subscriber that hears nothing', async () => {
    const plain = await serve();
    const { failure, report } = await bench(plain, {
      scenario: 'sub',
      subject: 'silent',
      idleMs: 300,
    });
    expect(failure?.kind).toBe('timeout');
    expect(report.outcome).toBe('idle');
  });

  it('says of a server that stalls that it has not confirmed what was sent', async () => {
    const stalled = await serve();
    let paused = false;
    const onProgress: EngineOptions['onProgress'] = ({ sent }) => {
      if (paused || sent === 0) return;
      paused = true;
      stalled.pause();
    };
    const request = { scenario: 'pub', durationMs: 90_000, idleMs: 1_000 } as const;
    const { failure, report } = await bench(stalled, request, { onProgress });
    stalled.resume();
    expect(failure).toMatchObject({
      kind: 'timeout',
      message: 'the server did not confirm the published messages within --idle',
    });
    expect(report.totals.sent).toBeGreaterThan(0);
  });

  it.each(['pub', 'pubsub', 'request', 'js-pub'] as const)(
    'ends %s soon when the server dies, with what was measured',
    async (scenario) => {
      const dying = await serve({ jetstream: true });
      let killed = 0;
      const { failure, report } = await bench(
        dying,
        { scenario, durationMs: 90_000 },
        {
          onProgress: ({ elapsedNs, sent }) => {
            if (killed > 0 || elapsedNs < 300e6 || sent === 0) return;
            killed = Date.now();
            void dying.kill();
          },
        },
      );
      expect(Date.now() - killed).toBeLessThan(60_000);
      expect(failure?.kind).toBe('connection');
      expect(report.outcome).toBe('failed');
      expect(report.totals.sent).toBeGreaterThan(0);
    },
  );

  it('writes into no stream that exists already, unless told to', async () => {
    const js = await serve({ jetstream: true });
    await existingStream(js);
    const request = { scenario: 'js-pub', messages: 10, stream: 'MINE', subject: 'mine' } as const;
    await expect(bench(js, request)).rejects.toMatchObject({ kind: 'rejected' });
    expect(await messagesIn(js)).toBe(100);
    const { failure } = await bench(js, request, { useExisting: true });
    expect(failure).toBeUndefined();
    expect(await messagesIn(js)).toBe(110);
    expect((await streamsOn(js)).map(({ name }) => name)).toEqual(['MINE']);
  });

  it.each(['wire', 'client'] as const)(
    'counts no message that was not stored: %s engine',
    async (engine) => {
      const plain = await serve({ jetstream: true });
      const headers = [['Nats-Msg-Id', 'same']] as const;
      const request = { scenario: 'js-pub', messages: 10, window: 1, headers, engine } as const;
      const { failure, report } = await bench(plain, request);
      expect(report.totals).toMatchObject({ sent: 10, received: 1, errors: 9, lost: 0 });
      expect(failure).toMatchObject({
        kind: 'rejected',
        message: expect.stringContaining('Nats-Msg-Id was used before') as string,
      });
    },
  );

  it('refuses a subject that an existing stream stores', async () => {
    const js = await serve({ jetstream: true });
    await existingStream(js);
    const request = { scenario: 'js-pub', messages: 10, subject: 'mine' } as const;
    await expect(bench(js, request)).rejects.toMatchObject({ kind: 'rejected' });
    expect(await messagesIn(js)).toBe(100);
    expect((await streamsOn(js)).map(({ name }) => name)).toEqual(['MINE']);
  });

  it('reads an existing stream whose first messages are gone', async () => {
    const js = await serve({ jetstream: true });
    await existingStream(js);
    await askJetStream(js, 'STREAM.PURGE.MINE', { seq: 50 });
    const get = await bench(js, { scenario: 'js-get', messages: 200, stream: 'MINE' });
    expect(get.failure).toBeUndefined();
    const consume = await bench(js, { scenario: 'js-consume', messages: 51, stream: 'MINE' });
    expect(consume.failure).toBeUndefined();
    expect(consume.report.totals.received).toBe(51);
  });

  it('stops when it is told to, with what it has, and cleans up', async () => {
    const js = await serve({ jetstream: true });
    const stop = new AbortController();
    const { report, failure } = await bench(
      js,
      { scenario: 'js-pub', durationMs: 90_000 },
      {
        signal: stop.signal,
        onProgress: ({ sent }) => {
          if (sent > 0) stop.abort();
        },
      },
    );
    expect(report.outcome).toBe('interrupted');
    expect(failure).toBeUndefined();
    expect(report.totals.sent).toBeGreaterThan(0);
    expect(await streamsOn(js)).toEqual([]);
  });

  it('cleans up when it is stopped while the stream is filled', async () => {
    const js = await serve({ jetstream: true });
    const stop = new AbortController();
    const run = bench(js, { scenario: 'js-consume', messages: 5_000_000 }, { signal: stop.signal });
    const stopped = eventually('messages are stored', async () => {
      return Number((await js.monitor('/jsz'))['messages']) > 0;
    }).then(() => stop.abort(new Error('stopped')));
    await expect(run).rejects.toThrow('stopped');
    await stopped;
    expect(await streamsOn(js)).toEqual([]);
  });
});

function withUser(one: NatsServer): Parameters<typeof bench>[2] {
  return {
    dial: {
      servers: [one.url],
      name: 'natsx bench test',
      credentials: () => ({ user: 'a', password: 'b' }),
      tls: undefined,
      tlsFirst: false,
      inboxPrefix: '_INBOX',
      timeoutMs: TIMEOUT_MS,
    },
  };
}

interface StreamReply {
  readonly state?: { readonly messages: number };
}

async function askJetStream(one: NatsServer, path: string, body: object): Promise<StreamReply> {
  const lane = await openLane(dialTo(one.url), { version: '0.0.0' });
  try {
    const requests = new RequestMux(lane, '_INBOX');
    const payload = Buffer.from(JSON.stringify(body));
    const { message } = await requests.request({ subject: `$JS.API.${path}`, payload }, 30_000);
    return JSON.parse(Buffer.from(message.payload).toString()) as StreamReply;
  } finally {
    await lane.close();
  }
}

/** The stream MINE on the subject mine, with 100 messages. */
async function existingStream(one: NatsServer): Promise<void> {
  const config = { name: 'MINE', subjects: ['mine'], storage: 'memory', allow_direct: true };
  await askJetStream(one, 'STREAM.CREATE.MINE', config);
  const filled = await bench(one, { scenario: 'pub', messages: 100, subject: 'mine' });
  expect(filled.failure).toBeUndefined();
}

async function messagesIn(one: NatsServer): Promise<number | undefined> {
  const { state } = await askJetStream(one, 'STREAM.INFO.MINE', {});
  return state?.messages;
}
