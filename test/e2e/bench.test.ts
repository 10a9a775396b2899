import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { runCli, startCli, type CliResult } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

let server: NatsServer;
let folder: string;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  folder = temporaryFolder('bench');
});

function bench(...args: readonly string[]): Promise<CliResult> {
  return runCli(['bench', ...args, '--server', server.url], { timeoutMs: 110_000 });
}

interface Report {
  readonly schema: string;
  readonly conditions: { readonly workers: number; readonly engine: string };
  readonly totals: { readonly sent: number; readonly received: number; readonly lost: number };
  readonly repeats: readonly unknown[];
  readonly outcome: string;
}

async function reportOf(...args: readonly string[]): Promise<Report> {
  const { code, stdout, stderr } = await bench(...args, '--json', '--warmup', '50ms');
  expect(stderr).not.toContain('error');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Report;
}

async function streamNames(): Promise<readonly string[]> {
  const jsz = await server.monitor('/jsz?streams=true&accounts=true');
  const accounts = (jsz['account_details'] ?? []) as { stream_detail?: { name: string }[] }[];
  return accounts.flatMap((account) => (account.stream_detail ?? []).map((stream) => stream.name));
}

describe('natsx bench', () => {
  it('measures everything once and leaves nothing behind', async () => {
    const { code, stdout } = await bench('--duration', '150ms', '--json');
    expect(code).toBe(0);
    const suite = JSON.parse(stdout) as { reports: Report[]; skipped: unknown[] };
    expect(suite.reports).toHaveLength(9);
    expect(suite.skipped).toEqual([]);
    expect(suite.reports.every((report) => report.totals.lost === 0)).toBe(true);
    expect(await streamNames()).toEqual([]);
  });

  it.each(['wire', 'client'])('spreads clients over threads with the %s engine', async (engine) => {
    const args = ['--msgs', '6000', '--pubs', '3', '--subs', '2', '--workers', '3'];
    const report = await reportOf('pubsub', ...args, '--engine', engine);
    expect(report.conditions).toMatchObject({ workers: 3, engine });
    expect(report.totals).toMatchObject({ sent: 6000, received: 12_000, lost: 0 });
  });

  it('keeps a rate from threads that sleep in between', async () => {
    const report = await reportOf('pubsub', '--rate', '2k', '--duration', '1s');
    expect(report.totals).toMatchObject({ sent: 2000, received: 2000 });
  });

  it('prints a table and a verdict for people', async () => {
    const { code, stdout } = await bench('request', '--msgs', '200', '--warmup', '50ms');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^bench request {2}send requests and measure rate and round trip\nwire engine · 1 requester · 1 responder/,
    );
    expect(stdout).toContain('p99.9');
    expect(stdout).toMatch(/verdict {2}Round trips limited it/);
  });

  it('writes reports that compare reads, CSV, and a percentile file', async () => {
    const files = ['old.json', 'new.json', 'a.csv', 'a.hdr'].map((name) => join(folder, name));
    const [old = '', now = '', csv = '', hdr = ''] = files;
    const args = ['pubsub', '--msgs', '2000', '--repeat', '3', '--warmup', '50ms', '-q'];
    await bench(...args, '--save', old, '--csv', csv, '--hdr', hdr);
    await bench(...args, '--save', now);
    const { code, stdout } = await bench('compare', old, now, '--json');
    expect(code).toBe(0);
    const comparison = JSON.parse(stdout) as {
      schema: string;
      metrics: { metric: string; p_value: number }[];
    };
    expect(comparison.schema).toBe('natsx.bench-compare/1');
    expect(comparison.metrics.map(({ metric }) => metric)).toContain('rate');
    expect(comparison.metrics[0]!.p_value).toBeLessThanOrEqual(1);
    expect(readFileSync(csv, 'utf8').split('\r\n')[0]).toMatch(/^run_id,scenario,engine/);
    expect(readFileSync(hdr, 'utf8')).toContain('#[Max');
  });

  it('refuses to compare runs of other conditions', async () => {
    const [small, large] = ['small.json', 'large.json'].map((name) => join(folder, name)) as [
      string,
      string,
    ];
    const args = ['pub', '--msgs', '1000', '--warmup', '0s', '-q'];
    await bench(...args, '--size', '16', '--save', small);
    await bench(...args, '--size', '32', '--save', large);
    const { code, stderr } = await bench('compare', small, large);
    expect(code).toBe(2);
    expect(stderr).toContain('size (16 against 32)');
  });

  it('prints CSV on stdout and nothing else', async () => {
    const { stdout } = await bench('pub', '--msgs', '1000', '--csv', '-');
    expect(stdout).toMatch(/^run_id,[^\n]*\r\n[0-9a-f]{8},pub,wire,128,total,/);
  });

  it.each([
    [['--fail-if', 'p99>1ns'], 9, 'crossed: p99>1ns'],
    [['--fail-if', 'p99>10m', '--fail-if', 'lost>0'], 0, ''],
    [['--fail-if', 'p99>baseline+10%'], 2, 'needs a baseline'],
    [['--fail-if', 'speed>1'], 2, '"speed"'],
  ] as const)('judges a run by %j: exit %d', async (flags, expected, message) => {
    const { code, stderr } = await bench('pubsub', '--msgs', '1000', '--warmup', '0s', ...flags);
    expect(code).toBe(expected);
    expect(stderr).toContain(message);
  });

  it.each([
    [['pub', '--size', '-1'], 2],
    [['pub', '--msgs', '1', '--duration', '1s'], 2],
    [['pub', 'a..b'], 2],
    [['pub', '--msgs', '5', '--size', '2M'], 8],
    [['request', '--responders', '0', '--duration', '1s'], 6],
    [['sub', 'silent', '--idle', '200ms'], 5],
  ] as const)('%j exits with %d', async (args, expected) => {
    expect((await bench(...args)).code).toBe(expected);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('prints what it has on %s, and cleans up', async (signal, expected) => {
    const cli = startCli([
      'bench',
      'js-pub',
      '--duration',
      '10m',
      '--warmup',
      '0s',
      '--server',
      server.url,
    ]);
    await cli.waitForStderr(/bench js-pub/);
    await eventually('its stream is there', async () => (await streamNames()).length > 0);
    process.kill(cli.pid, signal);
    const { code, stdout } = await cli.exit;
    expect(code).toBe(expected);
    expect(stdout).toContain('interrupted');
    expect(await streamNames()).toEqual([]);
  });

  it('measures a subscriber and a publisher in two processes', async () => {
    const sub = startCli([
      'bench',
      'sub',
      'two.sides',
      '--msgs',
      '5000',
      '--json',
      '--server',
      server.url,
    ]);
    await sub.waitForStderr(/bench sub/);
    await eventually('the subscriber listens', async () => {
      const subsz = await server.monitor('/subsz?subs=1');
      return JSON.stringify(subsz).includes('"two.sides"');
    });
    expect((await bench('pub', 'two.sides', '--msgs', '5000', '--warmup', '0s')).code).toBe(0);
    const { code, stdout } = await sub.exit;
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Report).totals.received).toBe(5000);
  });

  it('finds a rate that holds an objective', async () => {
    const args = [
      '--slo',
      'p99<20s',
      '--start-rate',
      '50',
      '--max-rate',
      '100',
      '--duration',
      '200ms',
    ];
    const { code, stdout } = await bench('saturate', ...args, '--json');
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as { schema: string; highest: { rate_per_s: number } };
    expect(found).toMatchObject({
      schema: 'natsx.bench-saturate/1',
      highest: { rate_per_s: 100 },
    });
  });
});
