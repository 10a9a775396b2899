import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../../../support/eventually.js';
import { startFrameProxy } from '../../../../support/frame-proxy.js';
import { startNatsServer, type NatsServer } from '../../../../support/nats-server.js';
import { patientClient, patientManager } from '../../../../support/patient-jetstream.js';
import { requires } from '../../../../support/server-version.js';
import { failure } from '../../../wire/dialled.js';
import { everything, fillStream, numbers, readBack, store, withConnection } from './fixture.js';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  await fillStream(server.url, { name: 'S' }, { count: 100, subjects: ['s.a', 's.b', 's.c'] });
  await fillStream(server.url, { name: 'EMPTY', subjects: ['empty'] });
});

function consumers(stream: string): Promise<number> {
  return withConnection(server.url, async (connection) => {
    const manager = await patientManager(connection);
    return (await manager.streams.info(stream)).state.consumer_count;
  });
}

describe('a range of a stream', () => {
  const end = { atEnd: true };

  it('is read whole, in order, and leaves no consumer behind', async () => {
    const { seqs, texts, outcome } = await readBack(server.url, { stream: 'S' });
    expect(seqs).toEqual(numbers(1, 100));
    expect(texts[41]).toBe('message 42');
    expect(outcome.end).toBe('reached');
    expect(await consumers('S')).toBe(0);
  });

  it('ends at once when the stream is empty', async () => {
    const { seqs, outcome } = await readBack(server.url, { stream: 'EMPTY' });
    expect({ seqs, end: outcome.end }).toEqual({ seqs: [], end: 'reached' });
  });

  it('begins at a sequence and ends after another', async () => {
    const range = { start: { from: 'seq', seq: 10 }, end: { atEnd: false, seq: 20 } } as const;
    expect((await readBack(server.url, { stream: 'S', range })).seqs).toEqual(numbers(10, 20));
  });

  it('is found by a subject, and has only what matches it', async () => {
    const { seqs, outcome } = await readBack(server.url, { filters: ['s.b'] });
    expect(seqs).toEqual(numbers(1, 100).filter((seq) => seq % 3 === 2));
    expect(outcome.info.config.name).toBe('S');
  });

  it('has what matches one of several filters', async () => {
    const { seqs } = await readBack(server.url, { stream: 'S', filters: ['s.a', 's.c'] });
    expect(seqs).toEqual(numbers(1, 100).filter((seq) => seq % 3 !== 2));
  });

  it('begins with the last message, or the last of each subject', async () => {
    const last = { start: { from: 'last' }, end } as const;
    expect((await readBack(server.url, { stream: 'S', range: last })).seqs).toEqual([100]);
    const each = { start: { from: 'last-per-subject' }, end } as const;
    expect((await readBack(server.url, { stream: 'S', range: each })).seqs).toEqual([98, 99, 100]);
  });

  it('begins and ends at times', async () => {
    const times: number[] = [];
    await readBack(
      server.url,
      { stream: 'S' },
      { message: (_, place) => (times.push(place.timeMs), 'taken') },
    );
    const fromMs = times[49] ?? 0;
    const start = { from: 'time', time: new Date(fromMs).toISOString() } as const;
    const range = { start, end: { atEnd: false, timeMs: fromMs } };
    const { seqs } = await readBack(server.url, { stream: 'S', range });
    const expected = numbers(1, 100).filter((seq) => times[seq - 1] === fromMs);
    expect(seqs).toEqual(expected);
  });

  it('cannot begin after the newest message', async () => {
    const range = { start: { from: 'seq', seq: 102 }, end } as const;
    const error = await failure(readBack(server.url, { stream: 'S', range }));
    expect(error).toMatchObject({
      kind: 'not-found',
      message: '"S" has no message 102 yet: the stream has the sequences 1 to 100',
    });
  });

  it('is read although the first question gets no answer', async () => {
    let unanswered = 0;
    const proxy = await startFrameProxy(server.port, {
      toServer: ({ subject, bytes }) => {
        const first = subject === '$JS.API.STREAM.INFO.S' && unanswered++ === 0;
        return first ? [] : [bytes];
      },
    });
    const { seqs } = await readBack(proxy.url, { stream: 'S' });
    expect(seqs).toEqual(numbers(1, 100));
    expect(unanswered).toBeGreaterThan(1);
  });

  it('is read through another consumer when nobody answers for the first', async () => {
    let created = 0;
    const proxy = await startFrameProxy(server.port, {
      toServer: ({ subject, bytes }) => {
        const isFirst = subject.startsWith('$JS.API.CONSUMER.CREATE.S.') && created++ === 0;
        return isFirst ? [] : [bytes];
      },
    });
    const patient = { apiPrefix: '$JS.API', timeoutMs: 30_000 };
    const { seqs, outcome } = await readBack(proxy.url, { stream: 'S', scope: patient });
    expect(seqs).toEqual(numbers(1, 100));
    expect(outcome.heals).toBe(0);
    expect(created).toBeGreaterThan(1);
  });

  it('leaves no consumer behind when each is answered late', async () => {
    const late: Buffer[] = [];
    let created = 0;
    const proxy = await startFrameProxy(server.port, {
      toServer: ({ subject, bytes }) => {
        if (!subject.startsWith('$JS.API.CONSUMER.CREATE.S.')) return [bytes];
        created += 1;
        late.push(bytes);
        return created < 3 ? [] : late.splice(0);
      },
    });
    const patient = { apiPrefix: '$JS.API', timeoutMs: 30_000 };
    const { seqs } = await readBack(proxy.url, { stream: 'S', scope: patient });
    expect(seqs).toEqual(numbers(1, 100));
    await eventually('all are gone', async () => (await consumers('S')) === 0, {
      timeoutMs: 25_000,
    });
  });

  it('names the nearest stream when there is none of the name', async () => {
    const error = await failure(readBack(server.url, { stream: 'EMTPY' }));
    expect(error).toMatchObject({ kind: 'not-found', hint: 'did you mean EMPTY?' });
  });

  it('tells when no stream stores the subject', async () => {
    const error = await failure(readBack(server.url, { filters: ['nobody'] }));
    expect(error).toMatchObject({ kind: 'not-found', message: 'no stream stores "nobody"' });
  });
});

describe('messages that are not there any more', () => {
  it('are stepped over, at the end as well', async () => {
    await fillStream(
      server.url,
      { name: 'HOLES', subjects: ['h'] },
      { count: 20, subjects: ['h'] },
    );
    await withConnection(server.url, async (connection) => {
      const manager = await patientManager(connection);
      for (const seq of [3, 4, 20]) await manager.streams.deleteMessage('HOLES', seq);
    });
    const { seqs } = await readBack(server.url, { stream: 'HOLES' });
    expect(seqs).toEqual([1, 2, ...numbers(5, 19)]);
  });

  it('end the range even when they go while it is read', async () => {
    const config = { name: 'GOING', subjects: ['g'] };
    await fillStream(server.url, config, { count: 50, subjects: ['g'] });
    let room: () => void = () => undefined;
    const waits = new Promise<void>((resolve) => (room = resolve));
    const purged = withConnection(server.url, async (connection) => {
      const manager = await patientManager(connection);
      await eventually('ten are on their way', () => (seen >= 10 ? true : undefined));
      await manager.streams.purge('GOING');
      room();
    });
    let seen = 0;
    const window = { messages: 10, bytes: 1_000_000 };
    const { seqs } = await readBack(
      server.url,
      { stream: 'GOING', window },
      { message: () => (++seen >= 10 ? 'full' : 'taken'), ready: () => waits },
    );
    await purged;
    expect(seqs.length).toBeLessThan(50);
    expect(seqs).toEqual(numbers(1, seqs.length));
  });
});

describe('a slow sink', () => {
  it('is never given more than the window', async () => {
    const window = { messages: 10, bytes: 1_000_000 };
    let pending = 0;
    let most = 0;
    const { seqs } = await readBack(
      server.url,
      { stream: 'S', window },
      {
        message: () => {
          most = Math.max(most, ++pending);
          return 'full';
        },
        ready: () =>
          new Promise((resolve) => {
            setImmediate(() => {
              pending = 0;
              resolve();
            });
          }),
      },
    );
    expect(seqs).toEqual(numbers(1, 100));
    expect(most).toBeLessThanOrEqual(20);
  });

  it('gets messages that are larger than the window', async () => {
    await withConnection(server.url, async (connection) => {
      const manager = await patientManager(connection);
      await manager.streams.add({ name: 'BIG', subjects: ['big'] });
      for (let at = 0; at < 5; at++)
        await patientClient(connection).publish('big', new Uint8Array(at % 2 === 0 ? 10 : 5_000));
    });
    const window = { messages: 10, bytes: 1_000 };
    const { seqs } = await readBack(server.url, { stream: 'BIG', window });
    expect(seqs).toEqual(numbers(1, 5));
  });
});

describe('whatever happens meanwhile', () => {
  it('nothing is lost or repeated when the server is restarted again and again', async () => {
    const shaky = await startNatsServer({ jetstream: true });
    await fillStream(shaky.url, { name: 'R' }, { count: 3_000 });
    let restarts = 0;
    let ready = Promise.resolve();
    const { seqs, heals } = await readBack(
      shaky.url,
      { stream: 'R', window: { messages: 100, bytes: 1_000_000 } },
      {
        message: (_message, { seq }) => {
          if (seq !== 700 && seq !== 1_900) return 'taken';
          restarts += 1;
          ready = shaky.restart(restarts === 1 ? {} : { signal: 'SIGKILL' });
          return 'full';
        },
        ready: () => ready,
      },
    );
    expect(seqs).toEqual(numbers(1, 3_000));
    expect(restarts).toBe(2);
    expect(heals.length).toBeGreaterThanOrEqual(2);
  });

  it('goes on when its consumer is removed', async () => {
    let removed = Promise.resolve();
    const { seqs, heals } = await readBack(
      server.url,
      { stream: 'S', window: { messages: 10, bytes: 1_000_000 } },
      {
        message: (_message, { seq }) => {
          if (seq !== 35) return 'taken';
          removed = withConnection(server.url, async (connection) => {
            const manager = await patientManager(connection);
            const [info] = await manager.consumers.list('S').next();
            await manager.consumers.delete('S', info!.name);
          });
          return 'full';
        },
        ready: () => removed,
      },
    );
    expect(seqs).toEqual(numbers(1, 100));
    expect(heals).toHaveLength(1);
  });

  it('follows what comes until it is stopped', async () => {
    await fillStream(server.url, { name: 'LIVE', subjects: ['live'] });
    const stop = new AbortController();
    const range = { start: { from: 'new' }, end: { atEnd: false } } as const;
    let published = Promise.resolve();
    const { seqs, outcome } = await readBack(
      server.url,
      { stream: 'LIVE', range },
      {
        opened: () => {
          published = withConnection(server.url, (c) => store(c, { count: 3, subjects: ['live'] }));
        },
        message: (_message, { seq }) => {
          if (seq === 3) stop.abort();
          return 'taken';
        },
        signal: stop.signal,
      },
    );
    await published;
    expect({ seqs, end: outcome.end }).toEqual({ seqs: [1, 2, 3], end: 'stopped' });
  });

  it('tells when the stream was replaced by a shorter one', async () => {
    const shaky = await startNatsServer({ jetstream: true });
    await fillStream(shaky.url, { name: 'R' }, { count: 200 });
    let replaced = Promise.resolve();
    const error = await failure(
      readBack(
        shaky.url,
        { stream: 'R', window: { messages: 10, bytes: 1_000_000 } },
        {
          message: (_message, { seq }) => {
            if (seq !== 100) return 'taken';
            replaced = withConnection(shaky.url, async (connection) => {
              const manager = await patientManager(connection);
              await manager.streams.delete('R');
            }).then(() => fillStream(shaky.url, { name: 'R' }, { count: 5 }));
            return 'full';
          },
          ready: () => replaced,
        },
      ),
    );
    expect(error.kind).toBe('unhealthy');
    expect(error.message).toContain('"R" now ends at message 5');
  });
});

describe('a work queue', () => {
  it('is read without a consumer, beside its worker, and stays as it is', async () => {
    const config = { name: 'WORK', subjects: ['w.>'], retention: 'workqueue' as const };
    await fillStream(server.url, config, { count: 50, subjects: ['w.a', 'w.b'] });
    await withConnection(server.url, async (connection) => {
      const manager = await patientManager(connection);
      await manager.consumers.add('WORK', { durable_name: 'worker', ack_policy: 'explicit' });
    });
    let direct = false;
    const opened = (stream: { readonly direct: boolean }) => void (direct = stream.direct);
    const all = await readBack(server.url, { stream: 'WORK' }, { opened });
    expect(all.seqs).toEqual(numbers(1, 50));
    expect(direct).toBe(true);
    const some = await readBack(server.url, { stream: 'WORK', filters: ['w.b'] });
    expect(some.seqs).toEqual(numbers(1, 50).filter((seq) => seq % 2 === 0));
    // The last message of the stream is none of these.
    const others = await readBack(server.url, { stream: 'WORK', filters: ['w.a'] });
    expect(others.seqs).toEqual(numbers(1, 50).filter((seq) => seq % 2 === 1));
    expect(await consumers('WORK')).toBe(1);
  });

  it('is read in batches where the server knows them, headers as they were', async () => {
    await requires('2.11');
    const config = {
      name: 'DIRECT',
      subjects: ['d.>'],
      retention: 'workqueue' as const,
      allow_direct: true,
    };
    await fillStream(server.url, config, { count: 2_500, subjects: ['d.a'] });
    const names = new Set<string>();
    const message = (each: { readonly headers: ReadonlyMap<string, unknown> | undefined }) => {
      for (const name of each.headers?.keys() ?? []) names.add(name);
      return 'taken' as const;
    };
    const { seqs } = await readBack(server.url, { stream: 'DIRECT' }, { message });
    expect(seqs).toEqual(numbers(1, 2_500));
    await withConnection(server.url, (c) => store(c, { count: 1, subjects: ['d.b'] }));
    const filtered = await readBack(server.url, { stream: 'DIRECT', filters: ['d.a'] });
    expect(filtered.seqs).toEqual(numbers(1, 2_500));
    expect([...names]).toEqual(['Number']);
  });
});

describe('refusals', () => {
  it('says that JetStream is off', async () => {
    const plain = await startNatsServer();
    const error = await failure(readBack(plain.url, { stream: 'S', range: everything }));
    expect(error).toMatchObject({ kind: 'not-found', message: 'JetStream is off for the server' });
  });

  it('says which permission is missing, at once', async () => {
    const guarded = await startNatsServer({
      jetstream: true,
      config: {
        authorization: {
          users: [
            { user: 'all', password: 'x' },
            { user: 'few', password: 'x', permissions: { publish: ['$JS.API.STREAM.>'] } },
          ],
        },
      },
    });
    await fillStream(guarded.url.replace('//', '//all:x@'), { name: 'S' }, { count: 1 });
    const error = await failure(readBack(guarded.url, { stream: 'S' }, { user: 'few' }));
    expect(error.kind).toBe('auth');
    expect(error.message).toContain('$JS.API.CONSUMER.CREATE.S');
  });
});
