import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connectRaw } from '../support/raw-nats.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { runCli } from '../support/run-cli.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});
afterAll(() => server.stop());

interface Report {
  readonly outcome: string;
  readonly totals: Readonly<Record<'sent' | 'received' | 'expected' | 'lost' | 'errors', number>>;
  readonly injected: {
    readonly schedule: readonly object[];
    readonly costs: readonly Readonly<Record<string, unknown>>[];
  };
}

const bench = (...args: string[]) => runCli(['bench', ...args, '--server', server.url]);

async function underFaults(faults: string, ...args: string[]) {
  const load = ['--warmup', '0s', '--faults', faults, '--json'];
  const { code, stdout } = await bench(...args, ...load);
  return { code, report: JSON.parse(stdout) as Report };
}

const CUT = 'cut 100ms every 400ms';

describe('natsx bench --faults', () => {
  it('counts what a cut has cost core messages, and goes on', async () => {
    const { code, report } = await underFaults(CUT, 'pubsub', '--rate', '1000', '--duration', '1s');
    const { sent, received, lost } = report.totals;
    expect(report.outcome).toBe('complete');
    expect(lost).toBe(sent - received);
    expect(code).toBe(lost > 0 ? 9 : 0);
    expect(report.injected.schedule).toEqual([
      { kind: 'cut', at_ms: 400 },
      { kind: 'cut', at_ms: 800 },
    ]);
    expect(report.injected.costs).toMatchObject([{ kind: 'cut', times: 2, lost }]);
  });

  it.each(['request', 'js-pub', 'js-get'])('%s: every call has its answer', async (scenario) => {
    const load = [scenario, '--rate', '500', '--duration', '1s'];
    const { code, report } = await underFaults(`${CUT}, delay 2ms`, ...load);
    expect({ code, outcome: report.outcome }).toEqual({ code: 0, outcome: 'complete' });
    expect(report.totals).toMatchObject({ received: report.totals.sent, lost: 0, errors: 0 });
    expect(report.injected.costs[0]?.['p99_ns']).toBeGreaterThan(50e6);
  });

  it('js-consume: counts each message once, however often it is delivered', async () => {
    const load = ['js-consume', '--msgs', '8000'];
    const { code, report } = await underFaults('reset after 384KiB', ...load);
    expect({ code, outcome: report.outcome }).toEqual({ code: 0, outcome: 'complete' });
    expect(report.totals).toMatchObject({ received: 8_000, lost: 0 });
    const raw = await connectRaw(server.port);
    expect(await raw.api('STREAM.NAMES')).toMatchObject({ total: 0 });
    raw.close();
  });

  it.each([
    [['--engine', 'client'], /need the wire engine/],
    [['--agents', '2'], /cannot be used with --agents/],
  ])('refuses %j', async (args, reason) => {
    const { code, stderr } = await bench('pub', '--faults', CUT, ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(reason);
  });
});
