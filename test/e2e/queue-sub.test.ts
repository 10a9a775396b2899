import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { connectRaw, type RawNats } from '../support/raw-nats.js';
import { requiresPty, startInPty } from '../support/pty.js';
import { runCli, startCli } from '../support/run-cli.js';

let server: NatsServer;
let publisher: RawNats;

beforeAll(async () => {
  server = await startNatsServer();
  publisher = await connectRaw(server.port);
});
afterAll(() => publisher.close());

async function publish(subject: string, messages: number): Promise<void> {
  for (let n = 0; n < messages; n += 1) {
    publisher.publish(subject, Buffer.from(String(n)));
  }
  await publisher.flush();
}

async function started(args: readonly string[]) {
  const cli = startCli(['queue-sub', ...args, '--server', server.url]);
  await cli.waitForStderr(/subscribed to .* in queue group/);
  return cli;
}

describe('natsx queue-sub', () => {
  it('shares the messages among its members, and shows who got how many', async () => {
    const cli = await started(['jobs', 'q', '--workers', '3', '--count', '90', '--json']);
    await publish('jobs', 90);
    const { code, stdout, stderr } = await cli.exit;
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { queue: string; member: string });
    expect(lines).toHaveLength(90);
    expect(new Set(lines.map(({ member }) => member))).toEqual(
      new Set(['worker-1', 'worker-2', 'worker-3']),
    );
    expect(lines.every(({ queue }) => queue === 'q')).toBe(true);
    expect(stderr).toContain('subscribed to jobs in queue group q (3 members here)');
    const shares = [...stderr.matchAll(/^worker-\d +(\d+) +[\d.]+% +█/gm)];
    expect(shares.reduce((sum, [, messages]) => sum + Number(messages), 0)).toBe(90);
    expect(stderr).toContain('other members are not shown');
  });

  it('each message says who got it', async () => {
    const cli = await started(['one', 'q', '--count', '1']);
    await publish('one', 1);
    expect((await cli.exit).stdout).toBe('[#1] one worker-1\n0\n\n');
  });

  it('--report members --json is one document', async () => {
    const flags = ['--workers', '2', '--own-connections', '--report', 'members', '--json'];
    const cli = await started(['doc', 'q', '--count', '40', ...flags]);
    await publish('doc', 40);
    const report = JSON.parse((await cli.exit).stdout) as {
      members: { member: string; messages: number; share: number }[];
    };
    expect(report).toMatchObject({ queue: 'q', messages: 40, dropped: 0 });
    const [first, second] = report.members;
    expect(first!.messages + second!.messages).toBe(40);
    expect(first!.share + second!.share).toBeCloseTo(1, 4);
  });

  it('--work takes its time, and Ctrl-C finishes what was taken', async () => {
    const cli = await started(['slow', 'q', '--work', '10ms', '--raw']);
    await publish('slow', 50);
    await cli.waitForStdout(/0\n/);
    cli.signal('SIGINT');
    const { code, stdout, durationMs } = await cli.exit;
    expect(code).toBe(0);
    expect(stdout).toBe([...Array(50).keys()].map((n) => `${n}\n`).join(''));
    expect(durationMs).toBeGreaterThan(500);
  });

  it('two processes share a group', async () => {
    const [left, right] = await Promise.all([
      started(['both', 'q', '--raw']),
      started(['both', 'q', '--raw']),
    ]);
    await publish('both', 200);
    left.signal('SIGTERM');
    right.signal('SIGTERM');
    const outputs = (await Promise.all([left.exit, right.exit])).map(({ stdout, code }) => {
      expect(code).toBe(0);
      return stdout.trim().split('\n');
    });
    expect(
      outputs
        .flat()
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual([...Array(200).keys()]);
  });

  it('bad names and times are usage errors', async () => {
    for (const args of [
      ['a', 'two words'],
      ['a', 'q', '--work', '20'],
      ['a', 'q', '--work', '30ms-10ms'],
      ['a', 'q', '--workers', '0'],
      ['a..b', 'q'],
      ['a'],
    ]) {
      const { code } = await runCli(['queue-sub', ...args, '--server', 'nats://127.0.0.1:1']);
      expect({ args, code }).toEqual({ args, code: 2 });
    }
  });

  it('a live table of shares on a terminal', async () => {
    requiresPty();
    const flags = ['--workers', '2', '--report', 'members', '--server', server.url];
    const pty = startInPty(['queue-sub', 'tty', 'q', ...flags]);
    await pty.waitFor(/subscribed/);
    await publish('tty', 20);
    await pty.waitFor(/worker-2 +\d+ +[\d.]+%[^]*worker-2 +[1-9]/);
    pty.type('\u0003');
    const { code, text } = await pty.exit;
    expect(code).toBe(0);
    for (const line of text.split(/\r?\n/)) expect(line.length).toBeLessThanOrEqual(100);
  });
});
