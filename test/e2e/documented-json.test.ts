import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/ready.mjs';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { emptyHome, runCli, startCli } from '../support/run-cli.js';

let server: NatsServer;
const home = emptyHome();
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  await natsx('stream create ORDERS --subjects orders.>');
  await natsx('consumer create ORDERS billing');
  await natsx('pub orders.new {"id":7} -H Trace:a1 --count 3');
  const recorder = startCli(['history', 'record', 'history', '-s', server.url], { home });
  await recorder.waitForStderr(/recording into/);
  recorder.signal('SIGINT');
  await recorder.exit;
});

/** What a command prints with --json. */
async function natsx(line: string): Promise<readonly Record<string, unknown>[]> {
  const args = [...line.split(' '), '--json', '-s', server.url];
  const { code, stdout, stderr } = await runCli(args, { home });
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  return stdout
    .trimEnd()
    .split('\n')
    .flatMap((text) => [JSON.parse(text) as unknown].flat() as Record<string, unknown>[]);
}

function section(page: string, heading: string): string {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  return text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
}

/** Everything that a section has between backticks, and the keys in its JSON. */
function documented(page: string, heading: string): ReadonlySet<string> {
  const words = [...section(page, heading).matchAll(/`([a-z_\d]+)`|"([a-z_\d]+)"/g)];
  return new Set(words.map((word) => word[1] ?? word[2] ?? ''));
}

/** What the section promises as keys: in its blocks of JSON, and in the first column of its tables. */
function promised(page: string, heading: string): ReadonlySet<string> {
  const text = section(page, heading);
  const blocks = [...text.matchAll(/^```json\n([^]*?)^```/gm)].map((block) => block[1] ?? '');
  const cells = [...text.matchAll(/^\| (`[^|]*)\|/gm)].map((cell) => cell[1] ?? '');
  return new Set([
    ...blocks.flatMap((block) =>
      [...block.matchAll(/"([a-z_\d]+)":/g)].map(([, key]) => key ?? ''),
    ),
    ...cells.flatMap((cell) => [...cell.matchAll(/`([a-z_\d]+)`/g)].map(([, key]) => key ?? '')),
  ]);
}

/** The keys that the commands of this file print, by page and section; filled by the tests in their order. */
const printed = new Map<string, Set<string>>();
function remember(page: string, heading: string, documents: readonly unknown[]): void {
  const place = `${page} ${heading}`;
  printed.set(place, new Set([...(printed.get(place) ?? []), ...documents.flatMap(allKeys)]));
}

describe.each([
  ['pub orders.new x', 'output.md', 'Reports'],
  ['pub orders.new x --jetstream', 'output.md', 'Reports'],
  ['sub orders.* --stream ORDERS --report subjects -T', 'output.md', 'Reports'],
  ['rtt', 'output.md', 'Reports'],
  ['stream ls', 'output.md', 'Streams and consumers'],
  ['consumer ls ORDERS', 'output.md', 'Streams and consumers'],
  ['stream create ORDERS --subjects orders.>', 'output.md', 'Streams and consumers'],
  ['stream rm ORDERS --dry-run', 'output.md', 'Streams and consumers'],
  ['stream purge ORDERS --keep 1 --dry-run', 'output.md', 'Streams and consumers'],
  ['stream purge ORDERS --seq 99 --dry-run', 'output.md', 'Streams and consumers'],
  ['stream purge ORDERS --older-than 1h --dry-run', 'output.md', 'Streams and consumers'],
  ['stream subjects ORDERS', 'output.md', 'Streams and consumers'],
  ['stream rm-msg ORDERS 1 --dry-run', 'output.md', 'Streams and consumers'],
  ['consumer rm ORDERS billing --dry-run', 'output.md', 'Streams and consumers'],
  ['consumer edit ORDERS billing --max-ack-pending 9 --yes', 'output.md', 'Streams and consumers'],
  ['consumer skip ORDERS billing --to 3 --dry-run', 'output.md', 'Streams and consumers'],
  ['connections --window 200ms', 'output.md', 'Connections'],
  ['backlog ORDERS --window 200ms', 'output.md', 'Backlog'],
  ['backlog subjects ORDERS billing', 'output.md', 'Backlog'],
  ['backlog wait ORDERS billing --until backlog<1M', 'output.md', 'Backlog'],
  ['backlog explain NO_CLIENT', 'output.md', 'Backlog'],
  ['history ls history', 'output.md', 'History'],
  ['history why history ORDERS billing', 'output.md', 'History'],
  ['history export history --jsonl rows.jsonl', 'output.md', 'History'],
  ['bundle ticket.zip --window 200ms --history history', 'output.md', 'Bundles'],
  ['bundle ls ticket.zip', 'output.md', 'Bundles'],
  ['record orders.jsonl --stream ORDERS', 'output.md', 'Record and replay'],
  ['replay orders.jsonl --map orders.>=copy.>', 'output.md', 'Record and replay'],
  ['verify --msgs 100', 'output.md', 'Verify'],
  ['verify --stream ORDERS --use-existing --msgs 100', 'output.md', 'Verify'],
  ['bench pub --msgs 100 --warmup 0', 'benchmarking.md', 'JSON'],
  ['bench request --msgs 100 --rate 1k --warmup 0', 'benchmarking.md', 'JSON'],
  ['bench pubsub --msgs 100 --rate 1k --warmup 0', 'benchmarking.md', 'JSON'],
] as const)('natsx %s', (line, page, heading) => {
  it(`prints no key that ${page} does not name`, async () => {
    const documents = await natsx(line);
    remember(page, heading, documents);
    const keys = documents.flatMap((document) => Object.keys(document));
    const known = documented(page, heading);
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => !known.has(key))).toEqual([]);
  });
});

/** The keys of objects within objects as well. */
function allKeys(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(allKeys);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...allKeys(inner)]);
}

describe.each([
  ['info', 'Reports'],
  ['rtt 1', 'Reports'],
  ['connections --window 200ms', 'Connections'],
  ['context save local', 'Reports'],
  ['context ls', 'Reports'],
  ['context validate', 'Reports'],
  ['context rm local', 'Reports'],
  ['sub nobody --report subjects --duration 10ms', 'Reports'],
  ['queue-sub nobody q --report members --duration 10ms', 'Reports'],
] as const)('natsx %s', (line, heading) => {
  it('prints no key, however deep, that output.md does not name', async () => {
    const documents = await natsx(line);
    remember('output.md', heading, documents);
    const keys = documents.flatMap(allKeys);
    const known = documented('output.md', heading);
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => !known.has(key))).toEqual([]);
  });
});

it('an exchange has the keys that output.md names', async () => {
  const args = ['sub', 'svc.>', '--match-replies', '--json', '--count', '3', '--timeout', '1m'];
  const sub = startCli([...args, '-s', server.url], { home });
  await sub.waitForStderr(/subscribed/);
  const reply = startCli(['reply', 'svc.echo', '--echo', '--count', '1', '-s', server.url], {
    home,
  });
  await reply.waitForStderr(/listening/);
  await natsx('request svc.echo hello');
  await natsx('pub svc.event x');
  await natsx('pub svc.event x --reply my.inbox');
  const { stdout } = await sub.exit;
  const exchanges = stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>);
  expect(exchanges.map(({ outcome }) => outcome)).toEqual([
    'replied',
    'no-reply-wanted',
    'reply-elsewhere',
  ]);
  const known = documented('output.md', 'A message');
  const keys = exchanges.flatMap((exchange) => Object.keys(exchange));
  expect(keys.filter((key) => !known.has(key))).toEqual([]);
});

it('a recording has the lines that output.md describes', async () => {
  await natsx('record lines.jsonl --stream ORDERS');
  const [head, first] = readFileSync(join(home, 'lines.jsonl'), 'utf8')
    .split('\n', 2)
    .map((text) => Object.keys(JSON.parse(text) as object));
  expect(head).toEqual(['natsx_recording', 'stream', 'filters', 'started_at', 'written_by']);
  expect(first).toEqual(['stream', 'seq', 'time', 'subject', 'headers', 'payload']);
});

/** Keys that only failures, clusters or other flags bring; the tests of their commands print them. */
const rare: Readonly<Record<string, readonly string[]>> = {
  // Lines of `pub --ack json`, and messages that were not stored.
  'output.md Reports': ['duplicate', 'error', 'fate', 'first', 'last', 'message', 'msg_id', 'seq'],
  // A stream that does not answer; changes that remove messages.
  'output.md Streams and consumers': ['detail', 'missing', 'removed', 'removes'],
  // The first line of a recording, which another test reads.
  'output.md Record and replay': ['filters', 'natsx_recording', 'started_at', 'written_by'],
  // Messages that were lost or duplicated, `--ledger`, `--faults`, `--mode`, and `verify suite`.
  'output.md Verify': [
    'at_ms',
    'batches',
    'commands',
    'costs',
    'denied',
    'detail',
    'exit',
    'fault',
    'first_at',
    'from',
    'injected',
    'kind',
    'last_at',
    'ledger',
    'not_stored',
    'occurrences',
    'ordered',
    'output',
    'promise',
    'publisher',
    'recovered_ms',
    'schedule',
    'seed',
    'spec',
    'times',
    'to',
    'where',
  ],
};

describe('every key that a page promises is printed', () => {
  it.each([
    ['output.md', 'Reports'],
    ['output.md', 'Streams and consumers'],
    ['output.md', 'Backlog'],
    ['output.md', 'Record and replay'],
    ['output.md', 'Verify'],
    ['benchmarking.md', 'JSON'],
  ])('%s, %s', (page, heading) => {
    const keys = promised(page, heading);
    const known = printed.get(`${page} ${heading}`) ?? new Set();
    expect(keys.size).toBeGreaterThan(3);
    expect([...keys].filter((key) => !known.has(key)).sort()).toEqual(
      [...(rare[`${page} ${heading}`] ?? [])].sort(),
    );
  });

  it('the rare ones are at least written in the source', () => {
    const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
    const source = files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
      .join('\n');
    const gone = Object.values(rare)
      .flat()
      .filter((key) => !new RegExp(`\\b${key}['"]?\\??:|['"]${key}['"]|\\b${key},`).test(source));
    expect(gone).toEqual([]);
  });
});
