import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { connectRaw, type RawNats } from '../support/raw-nats.js';
import { requiresPty, startInPty } from '../support/pty.js';
import { screenLines } from '../support/screen.js';
import { cliEnvironment, cliWords, emptyHome, runCli, startCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

let server: NatsServer;
let publisher: RawNats;

beforeAll(async () => {
  server = await startNatsServer({
    maxPayload: 8 * 1024 * 1024,
    // A busy machine reads late; only those who are to be cut off may be.
    config: { max_pending: 512 * 1024 * 1024, write_deadline: '60s' },
  });
  publisher = await connectRaw(server.port);
});
afterAll(() => publisher.close());

const bytes = (text: string): Uint8Array => Buffer.from(text);

interface Published {
  readonly subject: string;
  readonly reply?: string;
  readonly headers?: Uint8Array;
  readonly payload: Uint8Array;
}

async function publish(...messages: (Published | readonly [string, string])[]): Promise<void> {
  for (const message of messages) {
    if ('subject' in message) {
      const { subject, payload, headers, reply } = message;
      publisher.publish(subject, payload, headers, reply);
    } else publisher.publish(message[0], bytes(message[1]));
  }
  await publisher.flush();
}

async function started(args: readonly string[], options: Parameters<typeof startCli>[1] = {}) {
  const cli = startCli(['sub', ...args, '--server', server.url], options);
  await cli.waitForStderr(/subscribed to/);
  return cli;
}

describe('exit codes', () => {
  it('0: --count is reached, with a summary', async () => {
    const cli = await started(['a.*', '--count', '2', '--json']);
    await publish(['a.1', 'x'], ['a.2', '{"n":1}']);
    const { code, stdout, stderr } = await cli.exit;
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([
      { subject: 'a.1', payload: 'x', size_bytes: 1 },
      { subject: 'a.2', payload: { n: 1 } },
    ]);
    expect(stderr).toMatch(/^subscribed to a\.\*\n2 messages \(8 B\) in .*, none dropped\n$/);
  });

  it('5: fewer messages than --count before --wait is over', async () => {
    const { code, stderr } = await runCli([
      ...['sub', 'a', '--count', '3', '--wait', '200ms'],
      ...['--server', server.url],
    ]);
    expect(code).toBe(5);
    expect(stderr).toContain('only 0 of 3 messages arrived: nothing more arrived for 200ms');
  });

  it('0: --wait or --duration alone ends it', async () => {
    for (const limit of ['--wait', '--duration']) {
      const { code } = await runCli(['sub', 'a', limit, '100ms', '--server', server.url]);
      expect(code).toBe(0);
    }
  });

  it('2: subjects are checked before anything is dialled', async () => {
    for (const subject of ['a..b', 'a.>.b', 'a b', 'orders.', '']) {
      const { code, stdout } = await runCli(['sub', subject, '--server', 'nats://127.0.0.1:1']);
      expect({ subject, code, stdout }).toEqual({ subject, code: 2, stdout: '' });
    }
    const quoted = await runCli(['sub', 'orders.']);
    expect(quoted.stderr).toContain(`'orders.>'`);
  });

  it('2: flags that contradict each other, a bad filter, format or delimiter', async () => {
    for (const flags of [
      ['--raw', '--json'],
      ['--filter', 'nonsense'],
      ['--format', '{nope}'],
      ['--raw', '--delimiter', String.raw`\q`],
      ['--report', 'subjects', '--raw'],
      ['--count', '0'],
      ['--cuont', '3'],
    ]) {
      const { code } = await runCli(['sub', 'a', ...flags, '--server', 'nats://127.0.0.1:1']);
      expect({ flags, code }).toEqual({ flags, code: 2 });
    }
  });

  it('3: nobody there, and a goal without a server for longer than --timeout', async () => {
    const nobody = await runCli(['sub', 'a', '--server', 'nats://127.0.0.1:1']);
    expect(nobody.code).toBe(3);
    const own = await startNatsServer();
    const cli = startCli(['sub', 'a', '--count', '1', '--timeout', '3s', '--server', own.url]);
    await cli.waitForStderr(/subscribed to/);
    await own.kill();
    expect((await cli.exit).code).toBe(3);
  });

  it('4: not permitted, for any one of several subjects', async () => {
    const own = await startNatsServer({
      authorization: {
        users: [{ user: 'u', password: 'p', permissions: { subscribe: { deny: ['secret'] } } }],
      },
    });
    const { code, stderr } = await runCli([
      ...['sub', 'a', 'secret', '--count', '1'],
      ...['--server', own.url, '--user', 'u', '--password', 'p'],
    ]);
    expect(code).toBe(4);
    expect(stderr).toContain('secret');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: 0 with a summary without a goal, else %i', async (signal, goalCode) => {
    const endless = await started(['a']);
    endless.signal(signal);
    const end = await endless.exit;
    expect(end.code).toBe(0);
    expect(end.stderr).toContain('0 messages (0 B)');
    for (const goal of [
      ['--count', '3'],
      ['--duration', '1h'],
    ]) {
      const cli = await started(['a', ...goal]);
      cli.signal(signal);
      expect((await cli.exit).code).toBe(goalCode);
    }
  });
});

describe('streams', () => {
  it('| head -1 ends it at once, quietly', async () => {
    const home = emptyHome();
    const shell = spawn(
      '/bin/sh',
      [
        '-c',
        `{ "$@" sub pipe.a --raw --server ${server.url}; echo "code $?" >&2; } | head -1`,
        'sh',
        ...cliWords(),
      ],
      {
        env: cliEnvironment(home),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stderr = '';
    let stdout = '';
    shell.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    shell.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const closed = once(shell, 'close');
    await eventually('it subscribes', () => stderr.includes('subscribed') || undefined);
    const feeder = setInterval(() => void publish(['pipe.a', 'line']), 20);
    await closed;
    clearInterval(feeder);
    expect(stdout).toBe('line\n');
    expect(stderr).toBe('subscribed to pipe.a\ncode 0\n');
  });

  it('a million messages at full speed arrive whole in a file', async () => {
    const file = join(temporaryFolder('output'), 'out.txt');
    const descriptor = openSync(file, 'w');
    const total = 1_000_000;
    const [program, ...words] = cliWords();
    const child = spawn(
      program,
      [...words, 'sub', 'burst', '--raw', '--count', String(total), '--server', server.url],
      { env: cliEnvironment(emptyHome()), stdio: ['ignore', descriptor, 'pipe'] },
    );
    closeSync(descriptor);
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const closed = once(child, 'close');
    await eventually('it subscribes', () => stderr.includes('subscribed') || undefined);
    for (let n = 0; n < total; n += 1_000) {
      const frame = (_: unknown, at: number): string =>
        `PUB burst 48\r\n${String(n + at).padStart(48, '0')}\r\n`;
      publisher.send(Array.from({ length: 1_000 }, frame).join(''));
    }
    await publisher.flush();
    expect(await closed).toEqual([0, null]);
    expect(statSync(file).size).toBe(49 * total);
    const content = readFileSync(file);
    let wrong = 0;
    for (let n = 0; n < total; n += 1) {
      if (Number(content.toString('latin1', n * 49, n * 49 + 48)) !== n) wrong += 1;
    }
    expect(wrong).toBe(0);
    expect(stderr).toContain('1,000,000 messages');
  });

  it('a slow reader: memory is bounded, what is dropped is counted, and the exit code says so', async () => {
    const cli = await started(['slow', '--raw', '--delimiter', ''], { timeoutMs: 100_000 });
    cli.pauseStdout();
    const sizeBytes = 100_000;
    const total = 1_500;
    const payload = new Uint8Array(sizeBytes).fill(120);
    for (let n = 0; n < total; n += 1) publisher.publish('slow', payload);
    await publisher.flush();
    await cli.waitForStderr(/being dropped/);
    if (process.platform === 'linux') {
      const status = readFileSync(`/proc/${cli.pid}/status`, 'utf8');
      expect(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(300 * 1024);
    }
    cli.signal('SIGINT');
    cli.resumeStdout();
    const { code, stdoutBytes, stderr } = await cli.exit;
    expect(code).toBe(9);
    const dropped = Number(/([\d,]+) dropped/.exec(stderr)?.[1]?.replaceAll(',', ''));
    expect(dropped).toBeGreaterThan(0);
    expect(stdoutBytes.length).toBe((total - dropped) * sizeBytes);
  });

  it('--quiet leaves data and errors', async () => {
    const cli = startCli(['sub', 'quiet', '--raw', '--count', '1', '-q', '--server', server.url]);
    const feeder = setInterval(() => void publish(['quiet', 'x']), 20);
    const { code, stdout, stderr } = await cli.exit;
    clearInterval(feeder);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'x\n', stderr: '' });
  });
});

describe('payloads', () => {
  it('--raw is exact: invalid UTF-8, NUL, nothing at all, megabytes', async () => {
    const large = new Uint8Array(5_000_000).map((_, index) => index % 251);
    const payloads = [Uint8Array.of(0xff, 0, 0xfe), new Uint8Array(), large];
    const cli = await started(['raw', '--raw', '--delimiter', String.raw`\0`, '--count', '3']);
    await publish(...payloads.map((payload) => ({ subject: 'raw', payload })));
    const { code, stdoutBytes } = await cli.exit;
    expect(code).toBe(0);
    const expected = Buffer.concat(payloads.flatMap((payload) => [payload, Uint8Array.of(0)]));
    expect(stdoutBytes.equals(expected)).toBe(true);
  });

  it('text never carries control characters, on a terminal not even with --raw', async () => {
    const evil = '\u001b]0;pwned\u0007\u001b[2J';
    const cli = await started(['evil', '--count', '1']);
    await publish(['evil', evil]);
    expect((await cli.exit).stdout).toBe(`[#1] evil\n\\x1b]0;pwned\\x07\\x1b[2J\n\n`);

    requiresPty();
    const args = ['sub', 'evil', '--raw', '--count', '1', '--server', server.url];
    const pty = startInPty(args);
    await pty.waitFor(/subscribed/);
    await publish(['evil', evil]);
    const { code, drawn } = await pty.exit;
    expect(code).toBe(0);
    expect(drawn).toContain('\\x1b]0;pwned');
    expect(drawn).not.toContain('\u001b]0;pwned');
  });

  it('headers, --headers-only, --subjects-only, --format, --ignore and --filter', async () => {
    const message = {
      subject: 'form.a',
      headers: bytes('NATS/1.0\r\nRegion: eu\r\nRegion: us\r\n\r\n'),
      payload: bytes('{"total":120}'),
    };
    const outputs: [string[], string][] = [
      [['--headers-only'], '[#1] form.a\nRegion: eu\nRegion: us\n'],
      [['--subjects-only'], '[#1] form.a\n'],
      [['--format', String.raw`{subject}|{header:Region}|{json:.total}\n`], 'form.a|eu, us|120\n'],
      [['--ignore', 'form.b', '--filter', 'json:.total>100', '--raw'], '{"total":120}\n'],
      [['--pretty'], '[#1] form.a\nRegion: eu\nRegion: us\n\n{\n  "total": 120\n}\n\n'],
    ];
    for (const [flags, expected] of outputs) {
      const cli = await started(['form.*', '--count', '1', ...flags]);
      if (flags.includes('--ignore')) await publish(['form.b', 'no'], ['form.c', '{"total":1}']);
      await publish(message);
      expect((await cli.exit).stdout).toBe(expected);
    }
  });

  it('--timestamps, and the letters of the official CLI', async () => {
    for (const [flags, pattern] of [
      [['--timestamps', 'absolute'], /^\[#1\] \d\d:\d\d:\d\d\.\d{3} t\.a/],
      [['-t'], /^\[#1\] \d\d:\d\d:\d\d\.\d{3} t\.a/],
      [['--timestamps', 'delta'], /^\[#1\] \+0s t\.a/],
      [['-d'], /^\[#1\] @\S+ t\.a/],
    ] as const) {
      const cli = await started(['t.*', '--count', '1', ...flags]);
      await publish(['t.a', 'x']);
      expect((await cli.exit).stdout).toMatch(pattern);
    }
  });

  it('--output-dir: a file a message, under a safe name; a second run goes on', async () => {
    const folder = join(temporaryFolder('messages'), 'new');
    for (const flags of [[], ['--raw']]) {
      const cli = await started(['f.>', '--count', '1', '--output-dir', folder, ...flags]);
      await publish(['f./etc/x', 'hello']);
      const { code, stdout } = await cli.exit;
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    }
    expect(readdirSync(folder).sort()).toEqual(['000001-f._etc_x.json', '000002-f._etc_x.bin']);
    const [json = '', raw = ''] = readdirSync(folder).sort();
    expect(JSON.parse(readFileSync(join(folder, json), 'utf8'))).toMatchObject({
      payload: 'hello',
    });
    expect(readFileSync(join(folder, raw), 'utf8')).toBe('hello');
  });
});

describe('views', () => {
  it('--report subjects: a table, and one document with --json', async () => {
    for (const json of [false, true]) {
      const flags = ['--report', 'subjects', '--count', '3', ...(json ? ['--json'] : [])];
      const cli = await started(['r.*', ...flags]);
      await publish(['r.a', '1'], ['r.b', '22'], ['r.a', '3']);
      const { code, stdout } = await cli.exit;
      expect(code).toBe(0);
      if (json) {
        expect(JSON.parse(stdout)).toMatchObject({
          subjects: [
            { subject: 'r.a', messages: 2, bytes: 2 },
            { subject: 'r.b', messages: 1, bytes: 2 },
          ],
          messages: 3,
          bytes: 4,
          dropped: 0,
        });
      } else {
        expect(stdout).toMatch(/^Subject +Messages +Msg\/s +Bytes\nr\.a +2 .*\nr\.b +1 /);
        expect(stdout).toContain('3 messages, 4 B on 2 subjects');
      }
    }
  });

  it('a wildcard is explained only when nothing arrives', async () => {
    const explanation =
      'nothing received: q.* matches every subject with exactly one token after q';
    const silent = await runCli(['sub', 'q.*', '--wait', '50ms', '--server', server.url]);
    expect(silent.stderr).toContain(explanation);
    const filtered = await started(['q.*', '--filter', 'size>9', '--wait', '1s']);
    await publish(['q.a', 'x']);
    expect((await filtered.exit).stderr).not.toContain('nothing received');
    const cli = await started(['q.*', '--count', '1']);
    await publish(['q.a', 'x']);
    expect((await cli.exit).stderr).not.toContain('matches');

    requiresPty();
    const pty = startInPty(['sub', 'q.*', 'q.b.c', '--server', server.url]);
    await pty.waitFor(/subscribed/);
    await pty.waitFor(/subscribed to[^]*nothing received: q\.\* matches/);
    pty.type('\u0003');
    const { drawn } = await pty.exit;
    expect(drawn.match(/nothing received/g)).toHaveLength(1);
  });

  it('a binary payload fills only some lines of a terminal, and is whole in a pipe', async () => {
    const payload = Buffer.from(Array.from({ length: 2_000 }, (_, at) => (at * 7) % 256));
    const cli = await started(['binary', '--count', '1']);
    await publish({ subject: 'binary', payload });
    const { stdout } = await cli.exit;
    expect(stdout).not.toContain('…');
    expect(stdout.length).toBeGreaterThan(2_000);

    requiresPty();
    const pty = startInPty(['sub', 'binary', '--count', '1', '--server', server.url], {
      columns: 80,
    });
    await pty.waitFor(/subscribed/);
    await publish({ subject: 'binary', payload });
    const { drawn } = await pty.exit;
    expect(drawn).toMatch(/… 1,\d{3} bytes more/);
    expect(drawn.length).toBeLessThan(1_000);
  });

  it('a live table fits 80 columns', async () => {
    requiresPty();
    const args = ['sub', 'live.>', '--report', 'subjects', '--server', server.url];
    const pty = startInPty(args, { columns: 80 });
    await pty.waitFor(/subscribed/);
    await publish([`live.${'x'.repeat(200)}`, '1'], ['live.b', '1']);
    await pty.waitFor(/live\.b/);
    pty.type('\u0003');
    const { code, text } = await pty.exit;
    expect(code).toBe(0);
    const table = text.split(/\r?\n/).filter((line) => line.startsWith('live.'));
    expect(table.length).toBeGreaterThan(0);
    for (const line of table) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('a live table leaves one table and the summary behind', async () => {
    requiresPty();
    const own = await startNatsServer();
    const args = ['sub', 'live.>', '--report', 'subjects', '--server', own.url];
    const pty = startInPty(args, { columns: 120 });
    await pty.waitFor(/0 subjects/);
    await own.restart({ signal: 'SIGKILL' });
    await pty.waitFor(/connected again[\s\S]*0 subjects/);
    pty.type('\u0003');
    const { drawn } = await pty.exit;
    const lines = screenLines(drawn).filter((line) => line !== '' && line !== '^C');
    expect(lines.map((line) => line.replace('^C', '').split(' ').slice(0, 2).join(' '))).toEqual([
      'subscribed to',
      'warning: lost',
      'connected again',
      'Subject ',
      '0 messages,',
      '0 messages',
    ]);
  });

  it('--match-replies: pairs with their latency, and those without', async () => {
    const cli = await started(['svc.*', '--match-replies', '--timeout', '3s', '--json']);
    const service = startCli(['reply', 'svc.time', 'now', '--server', server.url]);
    await service.waitForStderr(/listening on/);
    await publish(
      { subject: 'svc.time', reply: '_INBOX.me.1', payload: bytes('?') },
      { subject: 'svc.silent', reply: '_INBOX.me.2', payload: bytes('?') },
    );
    await cli.waitForStdout(/no-reply/);
    service.signal('SIGINT');
    expect(await service.exit).toMatchObject({ code: 0 });
    cli.signal('SIGINT');
    const { code, stdout } = await cli.exit;
    expect(code).toBe(0);
    const [pair, alone] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(pair).toMatchObject({
      request: { subject: 'svc.time' },
      outcome: 'replied',
      reply: { payload: 'now' },
    });
    expect((pair as { latency_ns: number }).latency_ns).toBeGreaterThan(0);
    expect(alone).toMatchObject({ request: { subject: 'svc.silent' }, outcome: 'no-reply' });
  });

  it('patterns that overlap are told, --inbox names its subject', async () => {
    const cli = await started(['o.>', 'o.a', '--inbox', '--count', '1']);
    const inbox = /(_INBOX\.\S+)\n/.exec(cli.stderrSoFar())?.[1] ?? '';
    await publish([inbox, 'hi']);
    const { stdout, stderr } = await cli.exit;
    expect(stdout).toContain(`[#1] ${inbox}\nhi\n`);
    expect(stderr).toContain('o.> and o.a overlap: messages that match both arrive twice');
  });

  it('a queue group is named', async () => {
    const { stderr } = await runCli([
      'sub',
      'work.>',
      '--queue',
      'shop',
      '--duration',
      '1ms',
      '--server',
      server.url,
    ]);
    expect(stderr).toContain('subscribed to work.> in queue group shop');
  });
});
