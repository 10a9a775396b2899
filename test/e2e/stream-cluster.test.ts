import { expect, test } from 'vitest';

import { startCluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { runCli } from '../support/run-cli.js';

test('replicas in a cluster, and a cluster that loses one server, then its majority', async () => {
  const cluster = await startCluster(3, { jetstream: true });
  let asked = cluster.servers[0];
  const natsx = (line: string) =>
    runCli([...line.split(' '), '--server', asked?.url ?? '', '--timeout', '3s']);
  const code = async (line: string) => (await natsx(line)).code;

  expect(await code('stream create LONE --subjects lone')).toBe(0);
  const { stdout } = await natsx('stream info LONE --json');
  const { leader } = (JSON.parse(stdout) as { cluster: { leader: string } }).cluster;
  const home = cluster.servers[Number(leader.slice(1)) - 1];
  asked = cluster.servers.find((server) => server !== home);

  // A cluster that has just begun does not know yet what its members have room for.
  const first = await eventually('a stream finds its three servers', async () => {
    const made = await natsx('stream create A --subjects a --replicas 3');
    return made.stderr.includes('(10005)') ? undefined : made;
  });
  expect(first.code).toBe(0);
  expect((await natsx('stream create A --subjects a --replicas 3')).stderr).toMatch(/nothing to/);
  const other = await natsx('stream create A --subjects a');
  expect(other.code).toBe(8);
  expect(other.stderr).toContain('natsx stream edit A --replicas 1');
  expect(await code('stream edit A --replicas 1 --yes')).toBe(0);
  expect(await code('stream edit A --replicas 3 --yes')).toBe(0);
  expect(await code('consumer create A c')).toBe(0);

  await home?.kill();
  await eventually(
    'the list names what does not answer',
    async () => {
      const list = await natsx('stream ls --json');
      return list.stdout.includes('{"name":"LONE","missing":"');
    },
    { timeoutMs: 60_000 },
  );

  const rest = cluster.servers.filter((server) => server !== home && server !== asked);
  for (const server of rest) await server.kill();
  // Which of them depends on what the server has noticed yet: it refuses, it does not answer, or what it was told to
  // remove before counts as gone.
  const lines = ['stream create B --subjects b', 'stream rm A --yes', 'consumer rm A c --yes'];
  for (const line of lines) {
    const run = await natsx(line);
    expect([3, 5], run.stderr).toContain(run.code);
    expect(run.stderr).toMatch(/temporarily unavailable|did not answer in time|does not find it/);
    expect(run.stderr).toMatch(/^hint: .*leader/m);
  }
});
