import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { Svcm } from '@nats-io/services';
import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startFrameProxy } from '../support/frame-proxy.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import {
  runCli,
  startCli,
  type CliResult,
  type RunningCli,
  type StartOptions,
} from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

let system: NatsServer;
let control: NatsServer;

beforeAll(async () => {
  [system, control] = await Promise.all([startNatsServer({ jetstream: true }), startNatsServer()]);
});

interface Agent {
  readonly id: string;
  readonly cli: RunningCli;
}

interface AgentOptions extends StartOptions {
  readonly label?: string;
  readonly controlUrl?: string;
  readonly allow?: string;
}

async function startAgent(options: AgentOptions = {}): Promise<Agent> {
  const { label = 'zone=a', controlUrl = control.url, allow = system.url, ...rest } = options;
  const args = ['--control-server', controlUrl, '--allow-server', allow, '--label', label];
  const cli = startCli(['bench', 'agent', ...args, '--json'], { timeoutMs: 110_000, ...rest });
  const [, id = ''] = await cli.waitForStdout(/"event":"ready","id":"(\w+)"/);
  return { id, cli };
}

const load = (agents: string, ...args: readonly string[]): readonly string[] => [
  ...['bench', ...args, '--server', system.url],
  ...['--control-server', control.url, '--agents', agents],
];

function bench(agents: string, ...args: readonly string[]): Promise<CliResult> {
  return runCli(load(agents, ...args), { timeoutMs: 110_000 });
}

interface Report {
  readonly totals: Readonly<Record<'sent' | 'received' | 'lost' | 'rate_per_s', number>> & {
    readonly response?: Readonly<Record<'count' | 'min_ns' | 'p50_ns', number>>;
  };
  readonly agents: readonly {
    readonly id: string;
    readonly sent: number;
    readonly received: number;
    readonly rate_per_s: number;
    readonly labels: Readonly<Record<string, string>>;
    readonly response?: { readonly count: number };
    readonly clock: { readonly offset_ns: number; readonly bound_ns: number };
    readonly is_lost: boolean;
  }[];
  readonly clients: readonly { readonly role: string; readonly messages: number }[];
  readonly outcome: string;
  readonly notes: readonly string[];
  readonly clock_bound_ns?: number;
}

function reportOf({ code, stdout, stderr }: CliResult, expected = 0): Report {
  expect(code, stderr).toBe(expected);
  return JSON.parse(stdout) as Report;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const errorOf = ({ stderr }: CliResult): string =>
  stderr.split('\n').find((line) => line.startsWith('error:')) ?? '';

/** The connections of agents and coordinators to the system under test. */
async function connections(): Promise<number> {
  return Number((await system.monitor('/connz'))['num_connections']);
}

describe('two agents', () => {
  it('share the clients, and their rows add up', { timeout: 60_000 }, async () => {
    const agents = await Promise.all([startAgent(), startAgent({ label: 'zone=b' })]);
    expect(await connections()).toBe(0);
    const nc = await connect({ servers: control.url });
    const infos = [];
    for await (const info of await new Svcm(nc).client().info('natsx-bench-agent')) {
      infos.push(info.metadata);
    }
    await nc.close();
    expect(infos.map((metadata) => metadata?.['zone']).toSorted()).toEqual(['a', 'b']);
    expect(Object.keys(infos[0] ?? {}).toSorted()).toEqual(['cores', 'host', 'version', 'zone']);

    const args = ['pubsub', '--pubs', '4', '--subs', '2', '--msgs', '20k', '--json'];
    const report = reportOf(await bench('2', ...args));
    expect(report.agents.map(({ id }) => id).toSorted()).toEqual(
      agents.map(({ id }) => id).toSorted(),
    );
    const { totals } = report;
    expect(totals).toMatchObject({ sent: 20_000, received: 40_000, lost: 0 });
    expect(sum(report.agents.map(({ sent }) => sent))).toBe(20_000);
    expect(sum(report.agents.map(({ received }) => received))).toBe(40_000);
    expect(sum(report.agents.map((agent) => agent.rate_per_s))).toBeCloseTo(totals.rate_per_s, 3);
    expect(report.clients.map(({ messages }) => messages)).toEqual([
      ...[5_000, 5_000, 5_000, 5_000],
      ...[20_000, 20_000],
    ]);
    const counts = report.agents.map(({ response }) => response?.count ?? 0);
    expect(sum(counts)).toBe(totals.response?.count ?? 0);
    expect(await connections()).toBe(0);

    const placed = reportOf(
      await bench(
        'all',
        'pubsub',
        '--place',
        'publisher:zone=a,subscriber:zone=b',
        ...args.slice(5),
      ),
    );
    const inZone = (zone: string) => placed.agents.find(({ labels }) => labels['zone'] === zone);
    expect(inZone('a')).toMatchObject({ sent: 20_000, received: 0 });
    expect(inZone('b')).toMatchObject({ sent: 0, received: 20_000 });
    if (placed.clock_bound_ns === undefined) {
      expect(placed.totals.response).toBeUndefined();
      expect(placed.notes.join()).toContain('clock');
    }

    const [wrong, few, role] = await Promise.all([
      bench('zone=c', 'pub'),
      bench('3', 'pub'),
      bench('2', 'pub', '--place', 'subscriber:zone=a'),
    ]);
    expect({ code: wrong.code, error: errorOf(wrong) }).toEqual({
      code: 5,
      error: 'error: no agent with the label zone=c answered',
    });
    expect({ code: few.code, error: errorOf(few) }).toEqual({
      code: 5,
      error: 'error: 2 of 3 agents are available',
    });
    expect({ code: role.code, error: errorOf(role) }).toEqual({
      code: 2,
      error: 'error: bench pub has no clients with the role "subscriber"',
    });
  });

  it('run a plan: stages, and a load in the background', { timeout: 60_000 }, async () => {
    await Promise.all([startAgent(), startAgent()]);
    const file = join(temporaryFolder('plan'), 'plan.yaml');
    writeFileSync(
      file,
      `scenarios:
  - {name: noise, scenario: request, rate: 200, background: true}
  - name: orders
    scenario: js-pub
    stages:
      - {name: ramp, duration: 400ms, rate: 0..1k}
      - {name: hold, duration: 400ms, rate: 1k, fail-if: lost>0}
`,
    );
    const { code, stdout, stderr } = await bench('2', '--plan', file, '--json');
    expect(code, stderr).toBe(0);
    const { scenarios, agents } = JSON.parse(stdout) as {
      scenarios: (Report['totals'] & {
        name: string;
        stages: (Report['totals'] & { name: string; response: object })[];
      })[];
      agents: readonly { sent: number }[];
    };
    expect(scenarios.map(({ name, lost }) => ({ name, lost }))).toEqual([
      { name: 'noise', lost: 0 },
      { name: 'orders', lost: 0 },
    ]);
    const [noise, orders] = scenarios;
    expect(noise?.sent).toBeGreaterThanOrEqual(100);
    expect(orders?.stages.map(({ name, sent }) => ({ name, sent }))).toEqual([
      { name: 'ramp', sent: 200 },
      { name: 'hold', sent: 400 },
    ]);
    expect(orders?.stages[1]?.response).toMatchObject({ count: 400 });
    expect(sum(agents.map(({ sent }) => sent))).toBe(sum(scenarios.map(({ sent }) => sent)));
  });
});

describe('an agent', () => {
  it('works for one coordinator, and for no other meanwhile', { timeout: 60_000 }, async () => {
    const agent = await startAgent();
    const first = startCli(load('1', 'pub', '--rate', '1k', '--duration', '60s', '--json'), {
      timeoutMs: 110_000,
    });
    await agent.cli.waitForStdout(/"event":"started"/);
    const second = await bench('all', 'pub');
    expect(second.code).toBe(5);
    expect(errorOf(second)).toMatch(/0 of 1 agents are available: agent \w+ on .* it works for/);

    // Requests of others, and rubbish, change nothing.
    const nc = await connect({ servers: control.url });
    for (const verb of ['reserve', 'beat', 'stop', 'prepare', 'release', 'results']) {
      for (const body of ['', '{', '[]', '{"lease":"x","load":1}', '{"run":"a b"}']) {
        const answer = await nc.request(`natsx.bench.agent.${agent.id}.${verb}`, body);
        expect(answer.headers?.get('Nats-Service-Error-Code')).toMatch(/^4/);
      }
    }
    await nc.close();
    expect(agent.cli.stdoutSoFar()).not.toContain('"ended"');

    first.signal('SIGKILL');
    await agent.cli.waitForStdout(/"event":"ended".*does not respond/);
    await eventually('its connections are closed', async () => (await connections()) === 0);
    expect(reportOf(await bench('1', 'pub', '--msgs', '100', '--json')).totals.sent).toBe(100);
  });

  it('loads only the servers that it may', { timeout: 60_000 }, async () => {
    // The port of the other server is a prefix.
    await startAgent({ allow: `${system.url}1`.replace(/:(\d{4})\d*$/, ':$1') });
    const { code, stderr } = await bench('1', 'pub', '--msgs', '1');
    expect(code).toBe(8);
    expect(stderr).toContain(`it may not send load to 127.0.0.1:${system.port}`);
    const none = await runCli(['bench', 'agent', '--control-server', control.url]);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('--allow-server');
  });

  it.each(['SIGKILL', 'SIGSTOP', 'cut'] as const)(
    'that is lost (%s) ends the run, with what is known',
    { timeout: 60_000 },
    async (how) => {
      const proxy = await startFrameProxy(control.port, {});
      const [lost, other] = await Promise.all([
        startAgent({ controlUrl: proxy.url }),
        startAgent(),
      ]);
      const run = startCli(load('2', 'js-pub', '--rate', '1k', '--duration', '60s', '--json'), {
        timeoutMs: 110_000,
      });
      await Promise.all([lost, other].map(({ cli }) => cli.waitForStdout(/"event":"started"/)));
      // Past the warm-up, so that both have counts.
      await eventually('the stream grows', async () => {
        const { messages } = (await system.monitor('/jsz')) as { messages: number };
        return messages > 1_000;
      });
      if (how === 'cut') proxy.close();
      else lost.cli.signal(how);
      const result = await run.exit;
      const report = reportOf(result, 3);
      expect(result.stderr).toContain(lost.id);
      expect(report.outcome).toBe('failed');
      expect(report.agents.map(({ id, is_lost }) => ({ id, is_lost }))).toEqual(
        expect.arrayContaining([
          { id: lost.id, is_lost: true },
          { id: other.id, is_lost: false },
        ]),
      );
      const { sent, received, lost: missing } = report.totals;
      expect(sent).toBe(received + missing);
      await other.cli.waitForStdout(/"event":"ended"/);
      expect(await system.monitor('/jsz')).toMatchObject({ streams: 0 });
      if (how === 'SIGSTOP') lost.cli.signal('SIGCONT');
      if (how !== 'SIGKILL') await lost.cli.waitForStdout(/"event":"ended"/);
      await eventually('no load is left', async () => (await connections()) === 0);
    },
  );

  it('of another version is refused', { timeout: 60_000 }, async () => {
    const nc = await connect({ servers: control.url });
    const metadata = { version: '9.8.7', host: 'elsewhere', cores: '1', zone: 'other' };
    const service = await new Svcm(nc).add({
      ...{ name: 'natsx-bench-agent', version: '9.8.7', description: '', metadata },
    });
    const { code, stderr } = await bench('zone=other', 'pub');
    expect(code).toBe(8);
    expect(stderr).toMatch(/is natsx 9\.8\.7, and this is natsx \d+\.\d+\.\d+/);
    // Accepted, it would be used; this one has no endpoints.
    const mixed = await bench('zone=other', 'pub', '--allow-mixed-versions');
    expect(mixed.code).toBe(5);
    await service.stop();
    await nc.close();
  });

  it('may have a clock that is wrong', { timeout: 60_000 }, async () => {
    const shift = join(temporaryFolder('clock'), 'shift.cjs');
    writeFileSync(
      shift,
      `const now = Date.now, hrtime = process.hrtime;
Date.now = () => now() + 50;
process.hrtime = () => { const [s, ns] = hrtime(); return ns < 95e7 ? [s, ns + 5e7] : [s + 1, ns - 95e7]; };`,
    );
    const env = { NODE_OPTIONS: `--require=${shift}` };
    await Promise.all([startAgent({ env, label: 'zone=b' }), startAgent()]);
    const place = ['--place', 'publisher:zone=a,subscriber:zone=b'];
    const oneWay = reportOf(
      await bench('2', 'pubsub', '--rate', '500', '--msgs', '300', ...place, '--json'),
    );
    expect(oneWay.totals).toMatchObject({ sent: 300, received: 300, lost: 0 });
    const wrong = oneWay.agents.find(({ labels }) => labels['zone'] === 'b')?.clock;
    const right = oneWay.agents.find(({ labels }) => labels['zone'] === 'a')?.clock;
    // Whole milliseconds of the shifted Date.now are read precisely, but not to the nanosecond.
    const tolerance = (wrong?.bound_ns ?? 0) + 1e6;
    expect(Math.abs((wrong?.offset_ns ?? 0) - 50e6)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs(right?.offset_ns ?? Infinity)).toBeLessThanOrEqual(tolerance);
    const { response } = oneWay.totals;
    if (response !== undefined) {
      expect(response.min_ns).toBeGreaterThanOrEqual(0);
      expect(oneWay.clock_bound_ns).toBeLessThanOrEqual(response.p50_ns);
    } else expect(oneWay.notes.join()).toContain('clock');
  });
});

it('says who lacks a right on the control server', { timeout: 60_000 }, async () => {
  const restricted = await startNatsServer({
    config: {
      authorization: {
        users: [
          { user: 'agent', password: 'a', permissions: { subscribe: { deny: '$SRV.>' } } },
          { user: 'boss', password: 'b', permissions: { publish: { deny: '$SRV.>' } } },
        ],
      },
    },
  });
  const url = (login: string): string => restricted.url.replace('//', `//${login}@`);
  const agent = await runCli([
    ...['bench', 'agent', '--allow-server', system.url],
    ...['--control-server', url('agent:a')],
  ]);
  expect({ code: agent.code, error: errorOf(agent) }).toMatchObject({ code: 4 });
  const coordinator = await runCli([
    ...['bench', 'pub', '--agents', 'all', '--server', system.url],
    ...['--control-server', url('boss:b')],
  ]);
  expect({ code: coordinator.code, error: errorOf(coordinator) }).toMatchObject({ code: 4 });
  expect(coordinator.stderr).toContain('$SRV.INFO');
});
