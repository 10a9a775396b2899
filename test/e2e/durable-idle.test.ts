import { AckPolicy } from '@nats-io/jetstream';
import { beforeAll, describe, expect, it } from 'vitest';

import { withConnection } from '../integration/streams/run/read/fixture.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientClient, patientManager } from '../support/patient-jetstream.js';
import { runCli, startCli } from '../support/run-cli.js';
import { requires } from '../support/server-version.js';

let server: NatsServer;
let made = 0;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});

/** A stream with three messages on `….orders`, and its consumer `w`. */
async function consumer(config: (stream: string) => object): Promise<string> {
  const name = `I${++made}`;
  await withConnection(server.url, async (connection) => {
    const manager = await patientManager(connection);
    await manager.streams.add({ name, subjects: [`${name}.>`] });
    const client = patientClient(connection);
    for (let number = 1; number <= 3; number++) await client.publish(`${name}.orders`, 'x');
    const usual = { durable_name: 'w', ack_policy: AckPolicy.Explicit };
    await manager.consumers.add(name, { ...usual, ...config(name) });
  });
  return name;
}

const work = (stream: string, ...flags: readonly string[]): string[] => [
  ...['sub', '--stream', stream, '--durable', 'w', '--raw'],
  ...flags,
  ...['-s', server.url],
];

async function shortOf(stream: string) {
  const { code, stderr } = await runCli(work(stream, '--count', '1', '--wait', '200ms'));
  expect({ code, stderr }).toMatchObject({ code: 5 });
  return stderr;
}

describe('a worker that gets nothing says why', () => {
  it('its consumer is paused', async () => {
    await requires('2.11');
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const stream = await consumer(() => ({ pause_until: until }));
    const stderr = await shortOf(stream);
    expect(stderr).toContain(`the consumer w of ${stream} is paused until`);
    const endless = startCli(work(stream));
    await endless.waitForStderr(/no messages: the consumer w of I\d+ is paused until/);
    endless.signal('SIGINT');
    expect((await endless.exit).code).toBe(0);
  });

  it('its filter matches no message in the stream, or can match none', async () => {
    const typo = await consumer((stream) => ({ filter_subject: `${stream}.oders` }));
    expect(await shortOf(typo)).toContain(
      `the filter ${typo}.oders of the consumer w of ${typo} matches no message in the stream`,
    );
  });

  it('others hold as many messages as max_ack_pending allows', async () => {
    const stream = await consumer(() => ({ max_ack_pending: 2 }));
    await runCli(work(stream, '--count', '2', '--ack', 'none'));
    expect(await shortOf(stream)).toContain('as many as max_ack_pending allows');
  });

  it('it begins behind the end of the stream', async () => {
    // Older servers move such a start to the end of the stream.
    await requires('2.14');
    const start = { deliver_policy: 'by_start_sequence', opt_start_seq: 1_000 };
    const stream = await consumer(() => start);
    expect(await shortOf(stream)).toContain('but the stream ends at 3');
  });

  it('as many pull requests wait as max_waiting allows', async () => {
    const stream = await consumer((name) => ({ max_waiting: 1, filter_subject: `${name}.none` }));
    const first = startCli(work(stream));
    await first.waitForStderr(/no messages: /);
    const second = startCli(work(stream));
    await second.waitForStderr(/as it allows \(max_waiting\)/);
  });

  it('nothing where there is just nothing to do', async () => {
    const stream = await consumer(() => ({}));
    await runCli(work(stream, '--count', '3'));
    expect(await shortOf(stream)).toContain('hint: check the subject and its publisher');
  });
});
