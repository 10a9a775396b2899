import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connectRaw } from '../support/raw-nats.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { runCli, startCli } from '../support/run-cli.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});
afterAll(() => server.stop());

const verify = (...args: string[]) =>
  runCli(['verify', ...args, '--server', server.url], { timeoutMs: 110_000 });

interface Injected {
  readonly seed: number;
  readonly spec: string;
  readonly schedule: readonly { readonly kind: string; readonly at_ms: number }[];
  readonly costs: readonly Readonly<Record<string, unknown>>[];
  readonly commands: readonly Readonly<Record<string, unknown>>[];
}

describe('natsx verify --faults', () => {
  it('reports what was injected, with an equal schedule for an equal seed', async () => {
    const spec = 'cut 50ms every 200ms, blackhole 60ms, delay 2ms±1ms';
    const args = ['--msgs', '500', '--rate', '1000', '--faults', spec, '--json'];
    const command = ['--fault-command', 'echo token=abc; exit 3', '--fault-command-every', '150ms'];
    const runs: Injected[] = [];
    for (const seed of ['5', '5', '6']) {
      const { code, stdout } = await verify(...args, ...command, '--fault-seed', seed);
      expect(code).toBe(0);
      runs.push((JSON.parse(stdout) as { readonly injected: Injected }).injected);
    }
    const [first, same, other] = runs;
    expect(first).toMatchObject({
      seed: 5,
      spec,
      costs: [{ kind: 'cut' }, { kind: 'blackhole' }, { kind: 'delay' }, { kind: 'command' }],
    });
    expect(first?.commands[0]).toMatchObject({ exit: 3, output: 'token=[redacted]' });
    expect(same?.schedule).toEqual(first?.schedule);
    expect(other?.schedule).not.toEqual(first?.schedule);
    const cuts = first?.schedule.filter(({ kind }) => kind === 'cut');
    expect(cuts).toEqual([
      { kind: 'cut', at_ms: 200 },
      { kind: 'cut', at_ms: 400 },
    ]);
  });

  it('refuses a list that it cannot read before anything is sent', async () => {
    const { code, stdout, stderr } = await verify('--faults', 'cut 1s evry 5s');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: invalid --faults: "evry" does not belong to "cut"\nhint: /);
  });

  it('ends on Ctrl-C in the middle of a fault, with a report', async () => {
    const faults = ['--faults', 'blackhole 1h every 2h, cut 100ms', '--duration', '1h'];
    const cli = startCli(['verify', '--rate', '100', ...faults, '--json', '--server', server.url]);
    await cli.waitForStderr(/run \w+ on/);
    cli.signal('SIGINT');
    const { code, stdout } = await cli.exit;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, injected: { seed: 1 } });
  });
});

describe('natsx verify suite', () => {
  it('keeps all promises under all faults with few messages, and leaves nothing', async () => {
    const { code, stdout } = await verify('suite', '--msgs', '40', '--json');
    const report = JSON.parse(stdout) as {
      readonly cells: readonly { readonly promise: string; readonly kept: boolean }[];
    };
    expect(report.cells.filter(({ kept }) => !kept)).toEqual([]);
    expect(code).toBe(0);
    expect(report).toMatchObject({ schema: 'natsx.verify-suite/1', kept: true });
    expect(report.cells).toHaveLength(28);
    const raw = await connectRaw(server.port);
    expect(await raw.api('STREAM.NAMES')).toMatchObject({ total: 0 });
    raw.close();
  });

  it('refuses too few messages', async () => {
    const { code, stderr } = await verify('suite', '--msgs', '9');
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--msgs 9 is too few') as string,
    });
  });
});
