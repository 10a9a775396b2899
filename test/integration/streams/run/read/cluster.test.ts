import { expect, it } from 'vitest';

import { startCluster } from '../../../../support/cluster.js';
import { fillStream, leaderOf, numbers, readBack } from './fixture.js';

it('a stream is read whole when its leader is killed meanwhile', async () => {
  const cluster = await startCluster(3, { jetstream: true });
  const [first] = cluster.urls;
  await fillStream(first!, { name: 'R3', num_replicas: 3 }, { count: 4_000 });
  const { leader } = await leaderOf(cluster, 'R3');
  let killed = Promise.resolve();
  const { seqs, outcome } = await readBack(
    cluster.urls.join(','),
    { stream: 'R3', window: { messages: 50, bytes: 1_000_000 } },
    {
      message: (_message, { seq }) => {
        if (seq !== 1_500) return 'taken';
        killed = leader.kill();
        return 'full';
      },
      ready: () => killed,
    },
  );
  expect(seqs).toEqual(numbers(1, 4_000));
  expect(outcome.end).toBe('reached');
  await cluster.stop();
});
