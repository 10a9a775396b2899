import type { NatsConnection } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { backlogReport } from '../../../../src/backlog/run/backlog.js';
import type { BacklogRequest } from '../../../../src/backlog/model/request.js';
import type { BacklogReport } from '../../../../src/backlog/model/report.js';
import { setUp, type Bench } from './bench.js';
import { start } from './own-server.js';

const SCOPE = { apiPrefix: '$JS.API', timeoutMs: 5000 };

/** Does something before the third question about the stream's consumers: by then the window has begun. */
function interrupting(connection: NatsConnection, action: () => Promise<unknown>): NatsConnection {
  let asked = 0;
  return new Proxy(connection, {
    get: (target, key) => {
      if (key !== 'request') return Reflect.get(target, key, target) as unknown;
      return async (...question: Parameters<NatsConnection['request']>) => {
        if (/CONSUMER\.(INFO|LIST)/.test(question[0]) && ++asked === 3) await action();
        return target.request(...question);
      };
    },
  });
}

async function lookWhile(
  target: Partial<BacklogRequest>,
  action: (bench: Bench) => Promise<unknown>,
): Promise<BacklogReport> {
  const server = await start({ jetstream: true });
  const bench = await setUp(server.url);
  await bench.publish(5);
  const port = interrupting(await bench.client('natsx backlog'), () => action(bench));
  const request = { windowMs: 600, taps: false, coreOnly: false, scope: SCOPE, ...target };
  const stream = request.stream === undefined ? {} : { stream: bench.stream };
  try {
    return await backlogReport(port, { ...request, ...stream }, new AbortController().signal);
  } finally {
    await bench.close();
  }
}

describe('what is deleted while it is looked at', () => {
  it('is not found any more, when it is the consumer that was named', async () => {
    await expect(
      lookWhile({ stream: 'its own', consumer: 'worker' }, ({ manager, stream }) =>
        manager.consumers.delete(stream, 'worker'),
      ),
    ).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('is no backlog of the account', async () => {
    const report = await lookWhile({}, ({ manager, stream }) => manager.streams.delete(stream));
    expect(report.streams).toEqual([]);
  });
});

it('a domain that nobody answers for is not found, where the account would show its connections', async () => {
  const scope = { ...SCOPE, apiPrefix: '$JS.nowhere.API' };
  await expect(lookWhile({ scope }, () => Promise.resolve())).rejects.toMatchObject({
    kind: 'not-found',
  });
});
