import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findPeer } from '../../scripts/peer.mjs';

import { eventually } from '../support/eventually.js';
import { manifestCommands } from '../support/manifest.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { cliEnvironment, emptyHome, runCli, startCli } from '../support/run-cli.js';
import { ownChild } from '../support/shut-down.js';

/** The official tool, where this machine has it already: building it takes minutes. */
const peer = await findPeer({ install: false, say: () => undefined });
if (peer.path === undefined) process.stderr.write(`interop is skipped: ${peer.reason}\n`);

interface Peer {
  readonly child: ChildProcess;
  readonly stdout: () => Buffer;
  readonly stderr: () => string;
  readonly ended: Promise<number | null>;
}

let server: NatsServer;
let home: string;
beforeAll(async () => {
  server = await startNatsServer();
});
beforeEach(() => {
  home = emptyHome();
});

/** Starts the official tool; with a server unless its contexts are to say which. */
function startPeer(args: readonly string[], options: { stdin?: Uint8Array; url?: string } = {}) {
  const env = cliEnvironment(home, { NATS_URL: options.url ?? server.url });
  const child = spawn(peer.path ?? '', args, { env, stdio: 'pipe' });
  ownChild(child);
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(options.stdin ?? '');
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { child, stdout: () => Buffer.concat(stdout), stderr: () => stderr, ended } as const;
}

async function runPeer(
  args: readonly string[],
  options: { stdin?: Uint8Array; url?: string } = {},
) {
  const started: Peer = startPeer(args, options);
  const code = await started.ended;
  return { code, stdout: started.stdout().toString(), stderr: started.stderr() };
}

const natsx = (args: readonly string[], stdin?: Uint8Array) =>
  runCli([...args, '-s', server.url], { home, ...(stdin && { stdin }) });

/** Until the server knows of so many who listen to the subject. */
const listened = (subject: string, listeners = 1) =>
  eventually(`${listeners} listen to ${subject}`, async () => {
    const { subscriptions_list: list } = (await server.monitor('/subsz?subs=1')) as {
      readonly subscriptions_list?: readonly { readonly subject: string }[];
    };
    return (list ?? []).filter((one) => one.subject === subject).length >= listeners;
  });

/** Every byte that there is, in no order that is valid UTF-8. */
const binary = Uint8Array.from({ length: 256 }, (_, byte) => 255 - byte);

describe.skipIf(peer.path === undefined)('beside the official tool', () => {
  it('sub gets the headers and bytes that nats pub sends', async () => {
    const sub = startCli(['sub', 'a.>', '--json', '--count', '2', '-s', server.url]);
    await sub.waitForStderr(/subscribed to/);
    await runPeer(['pub', 'a.text', 'täxt', '-H', 'Trace:a1', '-H', 'Trace:a2', '--reply', 'back']);
    await runPeer(['pub', 'a.binary', '--force-stdin', '-q'], { stdin: binary });
    const { code, stdout } = await sub.exit;
    expect(code).toBe(0);
    const [text, bytes] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(text).toMatchObject({
      subject: 'a.text',
      reply: 'back',
      headers: { Trace: ['a1', 'a2'] },
      payload: 'täxt',
    });
    const payload_base64 = Buffer.from(binary).toString('base64');
    expect(bytes).toMatchObject({ subject: 'a.binary', payload_base64, size_bytes: 256 });
  });

  it('nats sub gets the headers and bytes that pub sends', async () => {
    const sub = startPeer(['sub', 'b.>', '--count', '2', '--dump', join(home, 'dump')]);
    await listened('b.>');
    await natsx(['pub', 'b.text', 'täxt', '-H', 'Trace: a1', '-H', 'Trace: a2', '--reply', 'back']);
    await natsx(['pub', 'b.binary', '-'], binary);
    expect(await sub.ended).toBe(0);
    const dumped = (count: number) =>
      JSON.parse(readFileSync(join(home, 'dump', `${count}.json`), 'utf8')) as object;
    expect(dumped(1)).toMatchObject({
      Subject: 'b.text',
      Reply: 'back',
      Header: { Trace: ['a1', 'a2'] },
      Data: Buffer.from('täxt').toString('base64'),
    });
    const Data = Buffer.from(binary).toString('base64');
    expect(dumped(2)).toMatchObject({ Subject: 'b.binary', Data });
  });

  it('reply answers nats req', async () => {
    const reply = startCli([
      'reply',
      'upper',
      '--command',
      'tr a-z A-Z',
      '--count',
      '1',
      '-s',
      server.url,
    ]);
    await reply.waitForStderr(/listening on/);
    const { stdout, code } = await runPeer(['req', 'upper', 'hello', '--raw']);
    expect({ code, reply: stdout.trim() }).toEqual({ code: 0, reply: 'HELLO' });
    expect((await reply.exit).code).toBe(0);
  });

  it('request gets what nats reply says, with its headers', async () => {
    startPeer(['reply', 'echo', '--echo', '--queue', 'q']);
    await listened('echo');
    const { code, stdout } = await natsx(['request', 'echo', 'hello', '-H', 'Trace: a1', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ payload: 'hello', headers: { Trace: ['a1'] } });
  });

  it('work is shared within a queue group that has members of both', async () => {
    const theirs = startPeer(['sub', 'jobs', '--queue', 'workers', '--raw']);
    const ours = startCli(['queue-sub', 'jobs', 'workers', '--raw', '-s', server.url]);
    await ours.waitForStderr(/subscribed to/);
    await listened('jobs', 2);
    await natsx(['pub', 'jobs', 'job-{{Count}}', '--template', '--count', '200']);
    const lines = await eventually('200 jobs are done', () => {
      const all = [...ours.stdoutSoFar().split('\n'), ...theirs.stdout().toString().split('\n')];
      const jobs = all.filter((line) => line.startsWith('job-'));
      return jobs.length >= 200 ? jobs : undefined;
    });
    expect(new Set(lines).size).toBe(200);
    expect(lines).toHaveLength(200);
    for (const output of [ours.stdoutSoFar(), theirs.stdout().toString()])
      expect(output).toContain('job-');
  });
});

describe.skipIf(peer.path === undefined)('contexts', () => {
  const rtt = (args: readonly string[]) => runCli(['rtt', ...args], { home });

  it('that nats makes and selects are used by natsx', async () => {
    const args = [
      'context',
      'save',
      'theirs',
      '--server',
      server.url,
      '--description',
      'made by nats',
      '--select',
    ];
    expect((await runPeer(args, { url: '' })).code).toBe(0);
    const list = await runCli(['context', 'ls', '--json'], { home });
    expect(JSON.parse(list.stdout)).toEqual([
      { name: 'theirs', selected: true, description: 'made by nats', url: server.url },
    ]);
    expect((await rtt([])).code).toBe(0);
  });

  it('that natsx makes and selects are used by nats', async () => {
    const save = [
      'context',
      'save',
      'ours',
      '--server',
      server.url,
      '--user',
      'u',
      '--password',
      'p',
    ];
    expect((await runCli(save, { home })).code).toBe(0);
    expect((await runCli(['context', 'select', 'ours'], { home })).code).toBe(0);
    const { stdout } = await runPeer(['context', 'info', 'ours', '--json'], { url: '' });
    expect(JSON.parse(stdout)).toMatchObject({ url: server.url, user: 'u', password: 'p' });
    expect(await runPeer(['pub', 'any', 'x'], { url: '' })).toMatchObject({ code: 0 });
  });

  it('are still selected when the other tool changes them or makes another', async () => {
    await runCli(['context', 'save', 'one', '--server', server.url], { home });
    await runCli(['context', 'select', 'one'], { home });
    await runPeer(['context', 'save', 'two', '--server', 'nats://127.0.0.1:1'], { url: '' });
    await runPeer(['context', 'save', 'one', '--description', 'changed'], { url: '' });
    expect((await rtt([])).code).toBe(0);
    await runPeer(['context', 'select', 'two'], { url: '' });
    expect((await rtt([])).code).toBe(3);
    await runCli(['context', 'save', 'two', '--description', 'ours'], { home });
    const list = await runCli(['context', 'ls', '--json'], { home });
    expect(JSON.parse(list.stdout)).toMatchObject([
      { name: 'one', selected: false, description: 'changed' },
      { name: 'two', selected: true, description: 'ours' },
    ]);
  });
});

/** Commands of the official tool, and natsx's for the same. */
const sameFlags = [
  ['stream add', 'stream create'],
  ['stream edit', 'stream edit'],
  ['stream copy', 'stream copy'],
  ['stream purge', 'stream purge'],
  ['stream rm', 'stream rm'],
  ['consumer add', 'consumer create'],
  ['consumer edit', 'consumer edit'],
  ['consumer pause', 'consumer pause'],
  ['consumer rm', 'consumer rm'],
] as const;

describe.skipIf(peer.path === undefined)('flags of the official tool', () => {
  it.each(sameFlags)('%s: natsx %s accepts or answers each', async (theirs, ours) => {
    const { stdout } = await runPeer([...theirs.split(' '), '--help']);
    const [own = ''] = /^Flags:\n[\s\S]*?\n\n/m.exec(stdout) ?? [];
    const listed = [...own.matchAll(/^ +(?:-\w, )?--(\[no-\])?([\w-]+)/gm)].flatMap(
      ([, no, flag = '']) => (no === undefined ? [flag] : [flag, `no-${flag}`]),
    );
    expect(listed.length).toBeGreaterThan(0);
    const flags = new Map(manifestCommands()).get(ours)?.flags ?? {};
    const known = Object.values(flags).flatMap(({ name, aliases = [], allowNo = false }) => [
      name,
      ...aliases,
      ...(allowNo ? [`no-${name}`] : []),
    ]);
    expect(listed.filter((flag) => !known.includes(flag))).toEqual([]);
  });
});
