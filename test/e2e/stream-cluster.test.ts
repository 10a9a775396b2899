import { expect, test } from 'vitest';

import { startCluster } from '../support/cluster.js';
import { runCli } from '../support/run-cli.js';

test('replicas in a cluster, and a cluster that lost its majority', async () => {
  const cluster = await startCluster(3, { jetstream: true });
  const [first, ...others] = cluster.servers;
  const natsx = (line: string) =>
    runCli([...line.split(' '), '--server', first?.url ?? '', '--timeout', '3s']);
  const code = async (line: string) => (await natsx(line)).code;

  expect(await code('stream create A --subjects a --replicas 3')).toBe(0);
  expect((await natsx('stream create A --subjects a --replicas 3')).stdout).toMatch(/nothing to/);
  const other = await natsx('stream create A --subjects a');
  expect(other.code).toBe(8);
  expect(other.stderr).toContain('natsx stream edit A --replicas 1');
  expect(await code('stream edit A --replicas 1 --yes')).toBe(0);
  expect(await code('stream edit A --replicas 3 --yes')).toBe(0);
  expect(await code('consumer create A c')).toBe(0);

  for (const server of others) await server.kill();
  // Which of the two depends on whether the server has noticed yet: it refuses, or it does not answer.
  const lines = ['stream create B --subjects b', 'stream rm A --yes', 'consumer rm A c --yes'];
  for (const line of lines) {
    const run = await natsx(line);
    expect([3, 5]).toContain(run.code);
    expect(run.stderr).toMatch(/temporarily unavailable|did not answer in time/);
    expect(run.stderr).toMatch(/^hint: .*leader/m);
  }
});
