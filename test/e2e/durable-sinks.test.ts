import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AckPolicy, type ConsumerInfo } from '@nats-io/jetstream';
import { beforeAll, describe, expect, it } from 'vitest';

import { withConnection } from '../integration/streams/run/read/fixture.js';
import { eventually } from '../support/eventually.js';
import { onFullDisk } from '../support/full-disk.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientClient, patientManager } from '../support/patient-jetstream.js';
import { emptyHome, runCli, startCli } from '../support/run-cli.js';

let server: NatsServer;
let made = 0;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});

/** A work queue of messages of this size, which begin with their number, and its consumer `w`. */
async function workQueue(count: number, bytes: number, config: object = {}): Promise<string> {
  const name = `Q${++made}`;
  await withConnection(server.url, async (connection) => {
    const manager = await patientManager(connection);
    await manager.streams.add({ name, subjects: [name], retention: 'workqueue' });
    const client = patientClient(connection);
    for (let number = 1; number <= count; number++) {
      await client.publish(name, `${number} `.padEnd(bytes, 'a'));
    }
    const consumer = { durable_name: 'w', ack_policy: AckPolicy.Explicit, ...config };
    await manager.consumers.add(name, consumer);
  });
  return name;
}

function consumerOf(stream: string): Promise<ConsumerInfo> {
  return withConnection(server.url, async (connection) =>
    (await patientManager(connection)).consumers.info(stream, 'w'),
  );
}

async function left(stream: string): Promise<number> {
  const info = await consumerOf(stream);
  return info.num_pending + info.num_ack_pending;
}

const work = (stream: string, ...flags: readonly string[]): string[] => [
  ...['sub', '--stream', stream, '--durable', 'w'],
  ...flags,
  ...['-s', server.url],
];

const numbersOf = (text: string): number[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => Number.parseInt(line, 10));

describe('a worker acknowledges only what its output has taken', () => {
  it.each(['wait', 'drop'])('behind a slow reader, with --slow %s', async (slow) => {
    const stream = await workQueue(120, 700_000);
    const flags = ['--count', '120', '--format', '{payload}\\n', '--slow', slow];
    const cli = startCli(work(stream, ...flags));
    cli.pauseStdout();
    await eventually('it asks for nothing more', async () => {
      const { num_ack_pending: open, num_waiting: waiting } = await consumerOf(stream);
      return open > 0 && waiting === 0;
    });
    expect((await consumerOf(stream)).num_pending).toBeGreaterThan(0);
    cli.resumeStdout();
    const { code, stdout, stderr } = await cli.exit;
    expect(stderr).toContain('120 messages acknowledged');
    expect(code).toBe(0);
    expect(numbersOf(stdout)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
    expect(await left(stream)).toBe(0);
  });

  it('on a full disk', async () => {
    const stream = await workQueue(40, 1_000);
    const file = join(emptyHome(), 'out');
    const { code, stderr } = await onFullDisk(work(stream, '--raw', '--count', '40'), 16_384, file);
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain('cannot write the output: the file may not grow any more');
    const whole = Math.floor(statSync(file).size / 1_001);
    expect(await left(stream)).toBeGreaterThanOrEqual(40 - whole);
  });

  it('into files on a full disk, where no part of a message is left', async () => {
    const stream = await workQueue(1, 50_000);
    const folder = join(emptyHome(), 'messages');
    const flags = ['--raw', '--count', '1', '--output-dir', folder];
    const { code, stderr } = await onFullDisk(work(stream, ...flags), 16_384);
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain('cannot write messages to the folder');
    expect(readdirSync(folder)).toEqual([]);
    expect(await left(stream)).toBe(1);
  });

  it('by a command that is killed, or does not read its input', async () => {
    const stream = await workQueue(2, 200_000);
    const command = 'exec < /dev/null; [ $NATS_STREAM_SEQUENCE = 1 ] || kill -9 $$';
    const { code, stderr } = await runCli(
      work(stream, '--count', '2', '--command', command, '--nak-delay', '1h'),
    );
    expect(stderr).toContain('1 message acknowledged, 1 returned');
    expect(code).toBe(9);
    expect(await left(stream)).toBe(1);
  });
});

describe('a worker on large messages', () => {
  it('asks for them by their bytes, also for one that is larger than that', async () => {
    const small = await workQueue(100, 1_000_000);
    const { code, stdout, stderr } = await runCli(
      work(small, '--count', '100', '--format', '{seq}\n'),
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain('100 messages acknowledged');
    expect(stderr).not.toContain('lost the connection');
    expect(numbersOf(stdout)).toHaveLength(100);
    expect(await left(small)).toBe(0);
  });
});

describe('a worker whose acknowledgements go nowhere', () => {
  const config = (imports: string) => `accounts {
    OWNER: { users: [ { user: own, password: x } ], jetstream: enabled, exports: [
      { service: "$JS.API.>", response_type: "stream" }, { service: "$JS.ACK.>" } ] }
    GUEST: { users: [ { user: guest, password: x } ], imports: [
      { service: { account: OWNER, subject: "$JS.API.>" }, to: "$JS.OWNER.API.>" } ${imports} ] }
  }`;

  async function imported(imports: string) {
    const owner = await startNatsServer({ jetstream: true, config: config(imports) });
    const url = owner.url.replace('//', '//own:x@');
    const own = (...args: string[]) => runCli([...args, '-s', url]);
    await own('stream', 'create', 'ORD', '--subjects', 'ord.>');
    await own('pub', 'ord.a', 'x', '-J', '--count', '3');
    await own('consumer', 'create', 'ORD', 'w', '--ack-wait', '1s');
    const guest = owner.url.replace('//', '//guest:x@');
    const args = ['-s', guest, '--js-api-prefix', '$JS.OWNER.API', '--timeout', '1s'];
    const open = async (): Promise<unknown> => {
      const { stdout } = await own('consumer', 'info', 'ORD', 'w', '--json');
      return (JSON.parse(stdout) as ConsumerInfo).num_ack_pending;
    };
    return { args: ['sub', '--stream', 'ORD', '--durable', 'w', ...args], open };
  }

  it('does not say that it has acknowledged, and why', async () => {
    const { args, open } = await imported('');
    for (const flags of [['--raw'], ['--command', 'true'], ['--command', 'sleep 100']]) {
      const count = flags[1] === 'true' ? ['--count', '3'] : [];
      const { code, stderr } = await runCli([...args, ...flags, ...count]);
      expect({ flags, code, stderr }).toMatchObject({ code: 6 });
      expect(stderr).toContain('consumer w of ORD');
      expect(stderr).toContain('$JS.ACK.>');
      expect(stderr).not.toMatch(/[1-9] messages? acknowledged/);
    }
    expect(await open()).toBe(3);
  });

  it('does where they arrive', async () => {
    const { args, open } = await imported(
      ', { service: { account: OWNER, subject: "$JS.ACK.>" } }',
    );
    const { code, stderr } = await runCli([...args, '--raw', '--count', '3']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain('3 messages acknowledged');
    expect(await open()).toBe(0);
  });
});

it('does not claim what it has acknowledged after the ack wait', async () => {
  const stream = await workQueue(1, 10, { ack_wait: 500_000_000 });
  const folder = emptyHome();
  const [begun, end] = [join(folder, 'begun'), join(folder, 'end')];
  const command = `touch ${begun}; while [ ! -e ${end} ]; do sleep 0.05; done`;
  const first = startCli(work(stream, '--count', '1', '--command', command));
  await eventually('the command runs', () => existsSync(begun));
  first.signal('SIGSTOP');
  const second = await runCli(work(stream, '--count', '1', '--raw', '--ack', 'none'));
  expect(numbersOf(second.stdout)).toEqual([1]);
  writeFileSync(end, '');
  first.signal('SIGCONT');
  const { code, stderr } = await first.exit;
  expect(stderr).toContain('0 messages acknowledged, 1 after the ack wait');
  expect(code).toBe(9);
});
