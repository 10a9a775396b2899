import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { pathWithNatsx } from '../support/natsx-on-path.js';
import { connectRaw, type RawNats } from '../support/raw-nats.js';
import { emptyHome, runCli, startCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

let from: NatsServer;
let to: NatsServer;
let fromNats: RawNats;
let toNats: RawNats;

/** All bytes, and texts that JSON has to escape. */
const payloads = [
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.alloc(0),
  Buffer.from('{"id":7}'),
  Buffer.from('"quoted" \\ and\nlines'),
];
const MESSAGES = 2_000;

beforeAll(async () => {
  [from, to] = await Promise.all([
    startNatsServer({ jetstream: true }),
    startNatsServer({ jetstream: true }),
  ]);
  [fromNats, toNats] = await Promise.all([connectRaw(from.port), connectRaw(to.port)]);
  await fromNats.api('STREAM.CREATE.ORDERS', { name: 'ORDERS', subjects: ['orders.>'] });
  await toNats.api('STREAM.CREATE.COPY', { name: 'COPY', subjects: ['copy.>', 'orders.>'] });
  for (let at = 0; at < MESSAGES; at += 1) {
    const headers = at % 3 === 0 ? Buffer.from(`NATS/1.0\r\nNumber: ${at}\r\n\r\n`) : undefined;
    fromNats.publish(`orders.${at % 5}`, payloads[at % payloads.length]!, headers);
  }
  await fromNats.flush();
});
afterAll(() => {
  fromNats.close();
  toNats.close();
});

/** Runs a line in a shell that knows `natsx`, and says with what each part of the pipeline ended. */
async function pipeline(line: string) {
  const home = emptyHome();
  const child = spawn('bash', ['-c', `${line}; echo "codes \${PIPESTATUS[*]}" >&2`], {
    cwd: home,
    env: { HOME: home, PATH: pathWithNatsx(temporaryFolder('pipeline')) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  return { stdout, stderr, codes: /codes (.*)/.exec(stderr)?.[1] };
}

const record = (...flags: readonly string[]) =>
  runCli(['record', '-', '--stream', 'ORDERS', '-s', from.url, ...flags]);
const replay = (stdin: string, ...flags: readonly string[]) =>
  runCli(['replay', '-', '-s', to.url, ...flags], { stdin });

describe('record -', () => {
  it('prints the lines that go to a file, and nothing else', async () => {
    const { code, stdout, stderr } = await record();
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(1 + MESSAGES);
    expect(JSON.parse(lines[0]!)).toMatchObject({ natsx_recording: 1, stream: 'ORDERS' });
    expect(stderr).toMatch(
      /^recorded 2,000 messages, sequences 1 to 2000 to stdout .*; nothing was skipped\n$/,
    );
    expect((await record('--quiet')).stderr).toBe('');
  });

  it('ends quietly when the reader has enough', async () => {
    const { stdout, stderr, codes } = await pipeline(
      `natsx record - --stream ORDERS -s ${from.url} | head -2`,
    );
    expect(codes).toBe('0 0');
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toBe('codes 0 0\n');
  });

  it.each(['--json', '--resume', '--overwrite'])('has no place for %s', async (flag) => {
    const { code, stdout, stderr } = await record(flag);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`${flag} cannot be used when the recording goes to stdout`);
  });

  it('writes nothing when there is nothing to be had', async () => {
    const missing = await runCli(['record', '-', '--stream', 'NOPE', '-s', from.url]);
    expect(missing).toMatchObject({ code: 7, stdout: '' });
    const few = await record('--count', '5000');
    expect(few.code).toBe(5);
    expect(few.stderr).not.toContain('--resume');
  });

  it('prints messages of subjects while they arrive', async () => {
    const running = startCli(['record', '-', '--subject', 'live.>', '-s', from.url]);
    await running.waitForStderr(/subscribed/);
    fromNats.publish('live.a', Buffer.from('one'));
    await running.waitForStdout(/"subject":"live.a","payload":"one"/);
    running.signal('SIGINT');
    const { code, stderr } = await running.exit;
    expect(code).toBe(0);
    expect(stderr).toContain('recorded 1 message to stdout');
  });
});

describe('replay -', () => {
  it('stores what another server has, byte for byte, through a pipe', async () => {
    const { stderr, codes } = await pipeline(
      `natsx record - --stream ORDERS -s ${from.url} | natsx replay - -J --map 'orders.>=copy.>' -s ${to.url}`,
    );
    expect(codes).toBe('0 0');
    expect(stderr).toMatch(/replayed 2,000 messages in .* to COPY, 1 to 2000\n/);
    for (const seq of [1, 2, 3, 4, 5, 6, 1_000, MESSAGES]) {
      const original = await fromNats.stored('ORDERS', seq);
      const copy = await toNats.stored('COPY', seq);
      expect(original).toBeDefined();
      expect(copy).toEqual({ ...original, subject: original?.subject.replace('orders', 'copy') });
    }
  });

  it('shows with --dry-run what would be published where', async () => {
    const { stdout } = await record('--count', '10');
    const preview = await replay(stdout, '--dry-run', '--map', 'orders.>=copy.>', '--json');
    expect(preview.code).toBe(0);
    const { messages, subjects } = JSON.parse(preview.stdout) as {
      readonly messages: number;
      readonly subjects: readonly object[];
    };
    expect(messages).toBe(10);
    expect(subjects).toHaveLength(5);
    expect(subjects).toContainEqual({ from: 'orders.0', to: 'copy.0', messages: 2 });
  });

  it('ends before the first message that no --map matches', async () => {
    const { stdout } = await record('--count', '10');
    const arrived = toNats.collect('orders.3');
    const stopped = await replay(stdout, '--map', 'orders.0=x.0', '--map', 'orders.1=x.1');
    expect(stopped.code).toBe(2);
    expect(stopped.stderr).toContain('no --map matches the subject "orders.2"; 2 messages were');
    const typo = await replay(stdout, '--map', 'orders=x');
    expect(typo.code).toBe(2);
    expect(typo.stderr).toContain("did you mean 'orders.>=x.>'?");
    await toNats.flush();
    expect(arrived()).toEqual([]);
    const rest = await replay(stdout, '--map', 'nope=x', '--map', '>=>');
    expect(rest.code).toBe(0);
    expect(rest.stderr).toContain("no message matched --map 'nope=x'");
    await toNats.flush();
    expect(arrived()).toHaveLength(2);
  });

  it('fails when no message is in its range, and when the recording is cut off', async () => {
    const { stdout } = await record('--count', '10');
    const none = await replay(stdout, '--from', '5000');
    expect(none.code).toBe(7);
    expect(none.stderr).toContain('none of the 10 messages of stdin');
    const cut = await replay(stdout.slice(0, -10));
    expect(cut.code).toBe(2);
    expect(cut.stderr).toContain(
      'line 11 of stdin is incomplete; 9 messages were published before, up to line 10',
    );
  });

  it.each([
    ['', 'stdin is not a recording: it is empty'],
    ['{"subject":"a","payload":1}\n', 'stdin is not a recording: its first line'],
  ])('refuses %j', async (stdin, words) => {
    const { code, stderr } = await replay(stdin);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  it('cannot be resumed, and stops at Ctrl-C', async () => {
    expect((await replay('', '--resume')).code).toBe(2);
    const running = startCli(['replay', '-', '-s', to.url]);
    const arrived = toNats.collect('first');
    running.write('{"natsx_recording":1,"subjects":["a"],"started_at":"","written_by":""}\n');
    running.write('{"subject":"first","payload":1}\n{"subject":"cut');
    await eventually('the first message arrives', async () => {
      await toNats.flush();
      return arrived().length === 1 || undefined;
    });
    running.signal('SIGINT');
    const { code, stderr } = await running.exit;
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted before everything was published');
  });
});
