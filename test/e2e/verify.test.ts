import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import type { JetStreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { eventually } from '../support/eventually.js';
import { onFullDisk } from '../support/full-disk.js';
import { startFrameProxy, type PassingFrame } from '../support/frame-proxy.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { emptyHome, runCli, startCli } from '../support/run-cli.js';

let server: NatsServer;
let manager: JetStreamManager;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  const connection = await connect({ servers: server.url });
  manager = await patientManager(connection);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
  return () => connection.close();
});
afterAll(() => server.stop());

const publish = async (subject: string): Promise<void> => {
  const args = ['pub', subject, 'x', '--jetstream', '--quiet', '--server', server.url];
  expect((await runCli(args)).code).toBe(0);
};

const verify = (args: readonly string[], url = server.url) =>
  runCli(['verify', ...args, '--server', url], { timeoutMs: 110_000 });

describe('natsx verify', () => {
  it('prints a JSON report with the promised keys, and succeeds', async () => {
    const { code, stdout, stderr } = await verify(['--msgs', '2k', '--pubs', '2', '--json']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^run \w+ on natsx\.verify\./) as string,
    });
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({
      schema: 'natsx.verify/1',
      sent: 2_000,
      acknowledged: 0,
      delivered: 2_000,
      lost: 0,
      duplicated: 0,
      out_of_order: 0,
      corrupted: 0,
      gaps: [],
      faults: [],
      verdict: { expectation: 'at-most-once', kept: true, broken: [] },
      conditions: { publishers: 2, subscribers: 1, messages: 2_000, size_bytes: 128 },
    });
    expect(Object.keys(report)).toMatchInlineSnapshot(`
      [
        "schema",
        "run_id",
        "started_at",
        "duration_ms",
        "sending_ms",
        "interrupted",
        "sent",
        "acknowledged",
        "delivered",
        "lost",
        "duplicated",
        "out_of_order",
        "corrupted",
        "gaps",
        "gaps_omitted",
        "in_doubt",
        "refused",
        "resent",
        "recognized",
        "copies",
        "corruptions",
        "receivers",
        "foreign",
        "latency",
        "faults",
        "verdict",
        "conditions",
        "notes",
      ]
    `);
  });

  it('tells people the same', async () => {
    const { code, stdout } = await verify(['--stream', 'ORDERS', '--msgs', '1000']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^run \w+ on orders\.natsx-verify-/);
    expect(stdout).toMatch(/^lost +0$/m);
    expect(stdout).toMatch(/^acknowledged +1,000$/m);
    expect(stdout).toMatch(/^kept: at-least-once/m);
  });

  it('is not "kept" where the stream refuses all messages, or some of them', async () => {
    await manager.streams.add({
      name: 'FULL',
      subjects: ['full.>'],
      max_msgs: 4,
      discard: 'new',
    });
    const some = await verify(['--stream', 'FULL', '--msgs', '10', '--json']);
    expect(some.code).toBe(8);
    expect(JSON.parse(some.stdout)).toMatchObject({
      sent: 10,
      delivered: 4,
      refused: 6,
      verdict: { kept: false, broken: ['6 messages refused by the stream'] },
    });
    const all = await verify(['--stream', 'FULL', '--msgs', '10']);
    expect(all.code).toBe(8);
    expect(all.stdout).toMatch(
      /^not proven: at-least-once .*no message arrived, 10 messages refused/m,
    );
    expect(all.stderr).toContain('refused 10 of 10 messages: maximum messages exceeded');
  });

  it('writes into a stream that others use only when it is allowed to, and says what stays', async () => {
    await manager.streams.add({ name: 'USED', subjects: ['used.>'] });
    const messages = async (): Promise<number> =>
      (await manager.streams.info('USED')).state.messages;
    await publish('used.a');
    const asked = await verify(['--stream', 'USED', '--msgs', '10']);
    expect(asked).toMatchObject({ code: 8, stdout: '' });
    expect(asked.stderr).toContain('holds 1 other message');
    expect(asked.stderr).toContain('--use-existing');
    expect(await messages()).toBe(1);

    const allowed = await verify(['--stream', 'USED', '--msgs', '10', '--use-existing']);
    expect(allowed.code).toBe(0);
    const [, command = ''] =
      /10 messages of the run stay .*; to remove: natsx (.*)/.exec(allowed.stdout) ?? [];
    expect(await messages()).toBe(11);
    const purged = await runCli([...command.split(' '), '--server', server.url]);
    expect(purged.code).toBe(0);
    expect(await messages()).toBe(1);

    const tidy = await verify(['--stream', 'USED', '--msgs', '10', '--use-existing', '--clean-up']);
    expect(tidy.stdout).toContain('removed 10 messages of the run from the stream "USED"');
    expect(await messages()).toBe(1);
  });

  it('does not take what its own runs left for messages of others, but minds consumers', async () => {
    await manager.streams.add({ name: 'AGAIN', subjects: ['again.>'] });
    for (const half of [['verify'], ['verify', 'send'], ['verify']]) {
      const args = [...half, '--stream', 'AGAIN', '--msgs', '10', '--server', server.url];
      expect((await runCli(args)).code).toBe(0);
    }
    await manager.consumers.add('AGAIN', { durable_name: 'worker' });
    const read = await verify(['send', '--stream', 'AGAIN', '--msgs', '10']);
    expect(read.code).toBe(8);
    expect(read.stderr).toContain('has 1 consumer');
  });

  it('does not clean up a subject that may have messages of others', async () => {
    const args = ['orders.shared', '--stream', 'ORDERS', '--msgs', '10', '--clean-up'];
    expect(await verify(args)).toMatchObject({ code: 2, stdout: '' });
  });

  it('exits with 9 on a broken expectation, and prints the report with the places all the same', async () => {
    let seen = 0;
    const proxy = await startFrameProxy(server.port, {
      toClient: ({ verb, payload, bytes }) =>
        verb === 'MSG' && payload.length === 200 && ++seen % 1_000 === 0 ? [] : [bytes],
    });
    const args = ['--msgs', '5k', '--size', '200', '--expect', 'exactly-once', '--settle', '4s'];
    const { code, stdout, stderr } = await verify([...args, '--json'], proxy.url);
    expect(code).toBe(9);
    const { gaps, ...report } = JSON.parse(stdout) as { readonly gaps: readonly object[] };
    expect(report).toMatchObject({ sent: 5_000, delivered: 4_995, lost: 5 });
    const at = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    expect(gaps).toEqual(
      [1, 2, 3, 4, 5].map((thousand) => {
        const number = thousand * 1_000;
        return { publisher: 1, from: number, to: number, first_at: at, last_at: at };
      }),
    );
    expect(stderr).toMatch(/"kind":"unhealthy".*exactly-once was broken: 5 messages lost/);
  });

  describe('exits with 9 when what is expected is broken, and only then', () => {
    /** Messages of these runs, which nothing else is as large as. */
    const isMessage = ({ verb, payload }: PassingFrame): boolean =>
      verb === 'MSG' && payload.length === 200;
    const spoil = ({ bytes }: PassingFrame): Buffer => {
      const copy = Buffer.from(bytes);
      copy[copy.length - 50] = (copy[copy.length - 50] ?? 0) ^ 0x10;
      return copy;
    };
    /** Does something to each hundredth message, told the one before it. */
    const hundredths = (treat: (frame: PassingFrame, held: Buffer) => readonly Buffer[]) => {
      let seen = 0;
      let held: Buffer | undefined;
      return (frame: PassingFrame): readonly Buffer[] => {
        if (!isMessage(frame)) return [frame.bytes];
        seen += 1;
        if (seen % 100 === 99) {
          held = frame.bytes;
          return [];
        }
        const before = held;
        held = undefined;
        return before === undefined ? [frame.bytes] : treat(frame, before);
      };
    };
    const nothing = { lost: 0, duplicated: 0, out_of_order: 0, corrupted: 0 };

    it.each([
      ['dropped', hundredths(({ bytes }) => [bytes]), { lost: 20 }, [0, 9, 9, 0]],
      [
        'doubled',
        hundredths(({ bytes }, one) => [one, one, bytes]),
        { duplicated: 20 },
        [9, 0, 9, 9],
      ],
      ['swapped', hundredths(({ bytes }, one) => [bytes, one]), { out_of_order: 20 }, [0, 0, 0, 9]],
      [
        'spoilt',
        hundredths((frame, one) => [one, spoil(frame)]),
        { corrupted: 20, lost: 20 },
        [9, 9, 9, 9],
      ],
    ] as const)('%s', async (_, toClient, counts, codes) => {
      const proxy = await startFrameProxy(server.port, { toClient });
      const args = ['--msgs', '2k', '--size', '200', '--settle', '2s', '--json', '--expect'];
      const expectations = [
        ['at-most-once'],
        ['at-least-once'],
        ['exactly-once'],
        ['at-most-once', '--ordered'],
      ];
      for (const [index, expected] of expectations.entries()) {
        const { code, stdout } = await verify([...args, ...expected], proxy.url);
        const report = JSON.parse(stdout) as object;
        expect({ expected, report }).toMatchObject({ expected, report: { ...nothing, ...counts } });
        expect({ expected, code }).toEqual({ expected, code: codes[index] });
      }
    });
  });

  it('prints what is known on Ctrl-C, and loses nothing by it', async () => {
    const args = ['--stream', 'ORDERS', '--duration', '60s', '--rate', '2k', '--json'];
    const run = startCli(['verify', ...args, '--server', server.url], { stdinOpen: false });
    await run.waitForStderr(/^run /m);
    const before = (await manager.streams.info('ORDERS')).state.messages;
    await eventually('messages arrive', async () => {
      const { state } = await manager.streams.info('ORDERS');
      return state.messages > before + 500;
    });
    run.signal('SIGINT');
    const { code, stdout } = await run.exit;
    expect(code).toBe(130);
    const report = JSON.parse(stdout) as { readonly sent: number; readonly delivered: number };
    expect(report).toMatchObject({ interrupted: true, lost: 0, duplicated: 0 });
    expect(report.sent).toBeGreaterThan(0);
    expect(report.delivered).toBe(report.sent);
    expect((await manager.streams.info('ORDERS')).state.consumer_count).toBe(0);
  });

  it.each([
    [2, ['--size', '39'], /--size 39 is too small/],
    [2, ['--msgs', '0'], /--msgs 0/],
    [2, ['orders.*'], /orders\.\*/],
    [2, ['--queue', 'a', '--stream', 'ORDERS'], /--queue/],
    [2, ['other', '--stream', 'ORDERS'], /does not store the subject other/],
    [2, ['receive'], /no run is given/],
    [2, ['receive', '--ledger', 'none.ledger'], /cannot read the ledger none.ledger/],
    [2, ['send', '--run-id', 'has blanks in it'], /invalid run id/],
    [8, ['--size', '2MiB'], /2097152 bytes; the server allows/],
    [7, ['--stream', 'ORDER'], /did you mean ORDERS/],
    [7, ['--stream', 'ORDERS', '--durable', 'nobody'], /no consumer "nobody"/],
    [
      5,
      ['receive', '--run-id', 'nobody', '--idle', '300ms'],
      /no message of the run nobody arrived/,
    ],
  ])('exits with %i for %j', async (expected, args, complaint) => {
    const { code, stderr } = await verify(args);
    expect(stderr).toMatch(complaint);
    expect(code).toBe(expected);
  });

  it('exits with 3 where nobody answers', async () => {
    const { code } = await verify([], 'nats://127.0.0.1:9');
    expect(code).toBe(3);
  });

  it('exits with 4 at once when it may not publish or not ask JetStream', async () => {
    const guarded = await startNatsServer({
      jetstream: true,
      authorization: {
        users: [{ user: 'a', password: 'b', permissions: { publish: ['x'], subscribe: ['>'] } }],
      },
    });
    onTestFinished(() => guarded.stop());
    const login = ['--user', 'a', '--password', 'b'];
    for (const args of [['y'], ['--stream', 'S'], ['send', 'y'], ['send', '--stream', 'S']]) {
      const { code, durationMs } = await verify(
        [...args, ...login, '--timeout', '50s'],
        guarded.url,
      );
      expect({ args, code }).toEqual({ args, code: 4 });
      expect(durationMs).toBeLessThan(50_000);
    }
  });

  it('exits with 7 when JetStream is off', async () => {
    const plain = await startNatsServer();
    onTestFinished(() => plain.stop());
    const { code, stderr } = await verify(['--stream', 'ORDERS'], plain.url);
    expect(code).toBe(7);
    expect(stderr).toMatch(/JetStream is off/);
  });
});

describe('natsx verify in two halves', () => {
  it('counts at the one end what the other sent', async () => {
    const args = ['verify', 'receive', '--run-id', 'halves', '--settle', '3s', '--json'];
    const receiver = startCli([...args, '--server', server.url], { stdinOpen: false });
    await receiver.waitForStderr(/^run halves/m);
    const sent = await verify([
      'send',
      '--run-id',
      'halves',
      '--msgs',
      '3k',
      '--pubs',
      '3',
      '--json',
    ]);
    expect(sent.code).toBe(0);
    expect(JSON.parse(sent.stdout)).toMatchObject({ schema: 'natsx.verify.send/1', sent: 3_000 });
    const { code, stdout } = await receiver.exit;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ sent: 3_000, delivered: 3_000, lost: 0, notes: [] });
  });

  it('does not take a second run for repeats of the first one of that name', async () => {
    const args = ['send', '--run-id', 'twice', '--stream', 'ORDERS', '--msgs', '10'];
    expect((await verify(args)).code).toBe(0);
    const { code, stderr } = await verify(args);
    expect(stderr).toMatch(/already holds messages of a run twice/);
    expect(code).toBe(2);
  });

  it.each([
    ['from its first line', 0, false],
    ['in the middle', 1_024, true],
  ])('ends when the disk takes no more of its ledger, %s', async (_, bytes, isLeft) => {
    const ledger = join(emptyHome(), 'run.ledger');
    const args = ['--stream', 'ORDERS', '--use-existing', '--duration', '60s', '--rate', '10k'];
    const run = ['verify', 'send', ...args, '--ledger', ledger, '--server', server.url];
    const { code, stderr } = await onFullDisk(run, bytes);
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toMatch(/error: cannot write the ledger ".*": the file would be larger/);
    expect(stderr).not.toContain('    at ');
    expect(existsSync(ledger)).toBe(isLeft);
  });

  it('judges by the ledger of a sender that was killed', async () => {
    const home = emptyHome();
    const ledger = join(home, 'run.ledger');
    const args = ['--stream', 'ORDERS', '--rate', '5k', '--msgs', '1M', '--ledger', ledger];
    const sender = startCli(['verify', 'send', ...args, '--server', server.url], { home });
    await sender.waitForStderr(/^run /m);
    const lines = (): number => readFileSync(ledger, 'utf8').split('\n').length;
    await eventually('the ledger grows', () => lines() > 5);
    sender.signal('SIGKILL');
    await sender.exit;
    const judged = await verify(['receive', '--ledger', ledger, '--settle', '3s', '--json']);
    expect(judged.code).toBe(0);
    const report = JSON.parse(judged.stdout) as Record<string, number>;
    expect(report).toMatchObject({ lost: 0, duplicated: 0, corrupted: 0 });
    expect(report['acknowledged']).toBeGreaterThan(500);
    expect(report['delivered']).toBeGreaterThanOrEqual(report['acknowledged'] ?? Infinity);
    expect(report['notes']).toEqual([expect.stringMatching(/the ledger has no end/)]);

    const subject = (JSON.parse(judged.stdout) as { conditions: { subject: string } }).conditions
      .subject;
    await manager.streams.purge('ORDERS', { filter: subject, keep: 100 });
    const after = await verify(['receive', '--ledger', ledger, '--settle', '3s', '--json']);
    expect(after.code).toBe(9);
    expect(JSON.parse(after.stdout)).toMatchObject({
      delivered: 100,
      gaps: [{ publisher: 1, from: 1 }],
    });
    const again = await verify(['send', '--stream', 'ORDERS', '--msgs', '1', '--ledger', ledger]);
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/already exists/);
  });
});
