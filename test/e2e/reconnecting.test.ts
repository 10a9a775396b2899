import { connect } from '@nats-io/transport-node';
import { expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { emptyHome, startCli, type RunningCli } from '../support/run-cli.js';

it('each kind of command says what a lost connection means to it', async () => {
  const server = await startNatsServer({ jetstream: true });
  const connection = await connect({ servers: server.url });
  const manager = await patientManager(connection);
  await manager.streams.add({ name: 'S', subjects: ['s.>'] });
  const start = (...args: readonly string[]): RunningCli =>
    startCli([...args, '-s', server.url], { stdinOpen: true, timeoutMs: 110_000 });
  const running = {
    sub: start('sub', 'x.>'),
    stream: start('sub', '--stream', 'S', '--new'),
    durable: start('sub', '--stream', 'S', '--durable', 'd', '--create'),
    reply: start('reply', 'ask', 'yes'),
    pub: start('pub', 'x.y', '--lines', '-'),
    jetStream: start('pub', 's.y', '-J', '--lines', '-'),
    record: start('record', `${emptyHome()}/s.jsonl`, '--stream', 'S', '--follow'),
    verify: start(
      ...['verify', 's.verify', '--stream', 'S', '--use-existing'],
      ...['--duration', '10m', '--rate', '50'],
    ),
  };
  const words: Readonly<Record<keyof typeof running, RegExp>> = {
    sub: /connected again .*; messages published in between were not received$/m,
    stream: /connected again .*; reading continues after the last message$/m,
    durable: /connected again .*; messages that were not acknowledged will be delivered again$/m,
    reply: /connected again .*; requests sent in between were not answered$/m,
    pub: /connected again .*; publishing continues; messages sent just before may be lost$/m,
    jetStream: /connected again .*; messages that were not acknowledged are sent again$/m,
    record: /connected again .*; reading continues after the last message$/m,
    verify: /connected again .*; the report will show what was lost$/m,
  };
  const names = Object.keys(running) as readonly (keyof typeof running)[];
  const expected = names.length;
  const standing = async (): Promise<boolean> => {
    const { connections } = (await server.monitor('/connz')) as {
      readonly connections: readonly { readonly name?: string }[];
    };
    const natsx = connections.filter(({ name }) => name?.startsWith('natsx') === true);
    const { state } = await manager.streams.info('S');
    // All but verify have one connection, and four read the stream.
    return natsx.length >= expected + 2 && state.consumer_count === 4;
  };
  await eventually('all are connected, and stand', standing, { timeoutMs: 60_000 });
  await connection.close();
  await server.restart();
  for (const name of names) await running[name].waitForStderr(words[name]);
  for (const name of names) running[name].signal('SIGINT');
  const codes = await Promise.all(names.map(async (name) => (await running[name].exit).code));
  expect(Object.fromEntries(names.map((name, index) => [name, codes[index]]))).toEqual({
    sub: 0,
    stream: 0,
    durable: 0,
    reply: 0,
    pub: 130,
    jetStream: 130,
    record: 0,
    verify: 130,
  });
});
