import { describe, expect, it } from 'vitest';

import { gatheredStreams, type StreamView } from '../../../src/bundle/run/gathered-streams.js';
import type { ConsumerInfo } from '../../../src/streams/model/consumer-info.js';

const CREATED = '2026-11-29T03:00:00Z';

/** What a server of the cluster reports; the leader alone knows what is pending. */
function view(server: string, leader: string | undefined, consumerLeader = leader): StreamView {
  const cluster = (own: string | undefined) => ({
    name: 'C1',
    ...(own === undefined ? {} : { leader: own }),
  });
  const position = { consumer_seq: 0, stream_seq: 0 };
  const billing: ConsumerInfo = {
    stream_name: 'ORDERS',
    name: 'billing',
    config: { durable_name: 'billing', ack_policy: 'explicit' },
    created: CREATED,
    delivered: position,
    ack_floor: position,
    num_ack_pending: 0,
    num_redelivered: 0,
    num_waiting: 0,
    num_pending: server === consumerLeader ? 20 : 0,
    cluster: cluster(consumerLeader),
    ts: '2026-11-29T03:10:00Z',
  };
  return {
    server,
    atMs: Date.parse('2026-11-29T03:10:00Z'),
    detail: {
      name: 'ORDERS',
      created: CREATED,
      cluster: cluster(leader),
      config: { name: 'ORDERS', subjects: ['orders.>'] },
      state: {
        messages: server === leader ? 20 : 19,
        bytes: 100,
        first_seq: 1,
        first_ts: CREATED,
        last_seq: 20,
        last_ts: CREATED,
        consumer_count: 1,
      },
      consumer_detail: [billing],
    },
  };
}

describe('the streams of an archive', () => {
  it('are as their leaders report them, and so are consumers', () => {
    const { streams, missing } = gatheredStreams([
      view('n1', 'n2', 'n3'),
      view('n2', 'n2', 'n3'),
      view('n3', 'n2', 'n3'),
    ]);
    expect(missing).toEqual([]);
    expect(streams).toMatchObject([
      { name: 'ORDERS', samples: [{ messages: 20 }], consumers: [{ samples: [{ pending: 20 }] }] },
    ]);
  });

  it('are unknown without the answer of their leader', () => {
    const { streams, missing } = gatheredStreams([view('n1', 'n1', 'n3'), view('n2', 'n1', 'n3')]);
    expect(streams).toMatchObject([{ samples: [{ messages: 20 }], consumers: [{ samples: [] }] }]);
    expect(missing).toMatchObject([
      { kind: 'consumer', why: 'unsupported', what: 'consumer ORDERS/billing' },
    ]);
  });

  it('have no leader if no server knows one', () => {
    const { missing } = gatheredStreams([view('n1', undefined), view('n2', undefined)]);
    expect(missing.map(({ kind, why }) => `${kind} ${why}`)).toEqual([
      'stream no-leader',
      'consumer no-leader',
    ]);
  });

  it('of a lone server belong to no group', () => {
    const { detail, ...seen } = view('lone', 'lone');
    const { streams } = gatheredStreams([
      { ...seen, detail: { ...detail, cluster: { leader: 'lone' } } },
    ]);
    expect(streams[0]?.samples[0]?.cluster).toBeUndefined();
  });
});
