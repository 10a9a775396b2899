import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { runCli, startCli, type CliResult } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});

function bench(...args: readonly string[]): Promise<CliResult> {
  return runCli(['bench', ...args, '--server', server.url], { timeoutMs: 110_000 });
}

it('says what was reached of a rate that cannot be', async () => {
  const load = ['--rate', '100k', '--window', '1', '--delay', '5ms', '--duration', '300ms'];
  const { code, stdout } = await bench('request', ...load, '--warmup', '0s');
  expect(code).toBe(0);
  const reached = /target of 100000 messages per second was not reached: (\d+) were/.exec(stdout);
  expect(Number(reached?.[1])).toBeGreaterThan(0);
  // One at a time, 5 ms each.
  expect(Number(reached?.[1])).toBeLessThanOrEqual(200);
});

it('answers in one process what another one asks', async () => {
  const reply = startCli(
    ['bench', 'reply', 'two.services', '--msgs', '500', '--json', '--server', server.url],
    { timeoutMs: 110_000 },
  );
  await eventually('the responder listens', async () =>
    JSON.stringify(await server.monitor('/subsz?subs=1')).includes('"two.services"'),
  );
  const asked = await bench(
    ...['request', 'two.services', '--responders', '0', '--msgs', '500', '--warmup', '0s'],
    '--json',
  );
  expect(asked.code).toBe(0);
  const { code, stdout } = await reply.exit;
  expect(code).toBe(0);
  const received = [asked.stdout, stdout].map(
    (text) => (JSON.parse(text) as { totals: { received: number } }).totals.received,
  );
  expect(received).toEqual([500, 500]);
});

it('compares two suites scenario by scenario, and refuses a suite and one scenario', async () => {
  const folder = temporaryFolder('bench-suite');
  const [suite, single] = [join(folder, 'suite.json'), join(folder, 'single.json')];
  const made = await bench('--duration', '50ms', '--repeat', '2', '--save', suite, '-q');
  expect(made.code).toBe(0);
  const { code, stdout } = await bench('compare', suite, suite, '--json', '--fail-if-slower');
  expect(code).toBe(0);
  const comparison = JSON.parse(stdout) as {
    scenarios: { label: string; metrics: { outcome: string }[] }[];
  };
  expect(comparison).toMatchObject({ schema: 'natsx.bench-suite-compare/1', only_old: [] });
  expect(comparison.scenarios.map(({ label }) => label)).toContain('request → reply');
  const outcomes = comparison.scenarios.flatMap(({ metrics }) => metrics.map((one) => one.outcome));
  // On a machine that stands still meanwhile, a pass of 50 ms may have no answer to time.
  expect(outcomes.filter((one) => one !== 'too-few-repeats')).toContain('no-difference');
  expect(outcomes.filter((one) => one === 'faster' || one === 'slower')).toEqual([]);
  expect((await bench('compare', suite, suite)).stdout).toMatch(/^publish\nValue .*\nrate /m);

  expect((await bench('pub', '--msgs', '10', '--save', single, '-q')).code).toBe(0);
  const mixed = await bench('compare', suite, single);
  expect(mixed.code).toBe(2);
  expect(mixed.stderr).toContain('one file holds the reports of a suite');
});

it.each([
  [['pub', '--save', '/no/such/folder/a.json'], 'cannot write "/no/such/folder/a.json"'],
  [['pubsub', '--hdr', '.'], 'cannot write ".": it is a directory'],
  [['pub', '--save', '-'], '--json prints the report on stdout'],
  [['pubsub', '--hdr', '-'], '--hdr takes the name of a file'],
  [['pub', '--hdr', 'x.hdr'], '--hdr has nothing to write: bench pub measures no latency'],
  [['pub', '--csv', 'x.json', '--save', './x.json'], '--csv and --save both write "./x.json"'],
  [['saturate', '--slo', 'p99<baseline+10%'], 'a search has no baseline'],
  [['saturate', '--size', '8'], 'bodies of less than 14 bytes carry no send time'],
  [['pub', '--payload-file', '/no/such'], 'payload file "/no/such": there is no such file'],
  [['--csv', '/no/such/folder/a.csv'], 'cannot write'],
  [['saturate', '--save', '/no/such/folder/a.json'], 'cannot write'],
] as const)('looks before the run whether its result can be kept: %j', async (args, message) => {
  const { code, stdout, stderr } = await bench(...args);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
});

it.each([
  [['js', 'pub', 'async', 'foo'], 'natsx bench js-pub --window 500'],
  [['service', 'serve'], 'natsx bench reply'],
  [['publish'], 'natsx bench pub'],
  [['pubsb'], 'did you mean natsx bench pubsub'],
  [['nonsense'], 'there are agent, compare, js-consume, js-get, js-pub, pub,'],
  [['pub', 'foo', 'bar'], 'a scenario takes one subject'],
  [['pub', '--no-progress'], '--quiet omits it'],
  [['js-pub', '--purge', '--throughput', '5'], 'write --rate'],
  [['pub', '--window', '5'], '--help lists the flags'],
] as const)('explains words of other tools: %j', async (args, hint) => {
  const { code, stderr } = await bench(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(hint);
});

it('has the documented keys in its JSON', async () => {
  const { stdout } = await bench('pubsub', '--msgs', '500', '--warmup', '0s', '--json');
  const report = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
  expect(Object.keys(report)).toMatchInlineSnapshot(`
    [
      "schema",
      "run_id",
      "started_at",
      "conditions",
      "totals",
      "repeats",
      "clients",
      "series",
      "intervals",
      "stalls",
      "response",
      "distribution",
      "percentiles",
      "checks",
      "errors",
      "notes",
      "verdict",
      "outcome",
    ]
  `);
  expect(Object.keys(report['conditions']!)).toMatchInlineSnapshot(`
    [
      "scenario",
      "engine",
      "server",
      "natsx_version",
      "node_version",
      "platform",
      "cores",
      "cpu_model",
      "publishers",
      "subscribers",
      "requesters",
      "responders",
      "workers",
      "goal",
      "size",
      "subjects",
      "subject_bytes",
      "headers",
      "schedule",
      "window",
      "warmup_ms",
      "reply_delay_ms",
      "seed",
      "tls",
    ]
  `);
  expect(Object.keys(report['totals']!)).toMatchInlineSnapshot(`
    [
      "sent",
      "received",
      "expected",
      "lost",
      "duplicates",
      "out_of_order",
      "errors",
      "elapsed_ns",
      "rate_per_s",
      "bytes_per_s",
      "response",
    ]
  `);
  expect(Object.keys(report['response']!)).toMatchInlineSnapshot(`
    [
      "count",
      "min_ns",
      "mean_ns",
      "stddev_ns",
      "p50_ns",
      "p75_ns",
      "p90_ns",
      "p95_ns",
      "p99_ns",
      "p999_ns",
      "p9999_ns",
      "max_ns",
    ]
  `);
});
