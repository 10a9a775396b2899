import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { runCli, startCli, type CliOptions } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

let server: NatsServer;
let observer: NatsConnection;
let seen: { subject: string; data: Buffer; reply: string | undefined; headers: string[] }[] = [];

beforeAll(async () => {
  server = await startNatsServer();
  observer = await connect({ servers: server.url });
  observer.subscribe('>', {
    callback: (_error, message) => {
      const names = message.headers?.keys() ?? [];
      seen.push({
        subject: message.subject,
        data: Buffer.from(message.data),
        reply: message.reply,
        headers: names.flatMap((name) =>
          (message.headers?.values(name) ?? []).map((value) => `${name}: ${value}`),
        ),
      });
    },
  });
  await observer.flush();
});
afterAll(() => observer.close());

/** Runs `natsx pub` and hands out what the observer has seen by then. */
async function pub(args: readonly string[], options: CliOptions = {}) {
  seen = [];
  const result = await runCli(['pub', '-s', server.url, ...args], options);
  await observer.flush();
  return { ...result, seen, bodies: seen.map(({ data }) => data.toString()) };
}

describe('a body', () => {
  it('comes from the argument, and stdin is never touched', async () => {
    const result = await pub(['a', 'hello'], { stdin: 'not me' });
    expect(result).toMatchObject({ code: 0, stdout: '', stderr: 'published 1 message, 5 B\n' });
    expect(result.bodies).toEqual(['hello']);
  });

  it('does not wait for a stdin that stays open', async () => {
    const running = startCli(['pub', '-s', server.url, 'a', 'hello'], { stdinOpen: true });
    expect((await running.exit).code).toBe(0);
  });

  it('is empty when there is none and nothing is piped in', async () => {
    expect(await pub(['a'])).toMatchObject({ code: 0, bodies: [''] });
  });

  it('is never lost in a pipe: exit 2 with the hint', async () => {
    const result = await pub(['a'], { stdin: 'lost?' });
    expect(result).toMatchObject({ code: 2, bodies: [] });
    expect(result.stderr).toMatch(/hint: give - as the body/i);
  });

  it.each([[['a', '-']], [['a', '--stdin']], [['a', '--force-stdin']]])(
    'comes whole from stdin with %j',
    async (args) => {
      const bytes = Buffer.from([0, 255, 10, 13, 10]);
      const result = await pub(args, { stdin: bytes });
      expect(result.code).toBe(0);
      expect(result.seen.map(({ data }) => data)).toEqual([bytes]);
    },
  );

  it('is no folder: exit 2', async () => {
    const result = await pub(['a', '--lines', '--file', temporaryFolder('body')]);
    expect(result).toMatchObject({ code: 2, seen: [] });
  });

  it('comes from a file, invalid UTF-8 included', async () => {
    const file = join(temporaryFolder('body'), 'body.bin');
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x0a]);
    writeFileSync(file, bytes);
    const result = await pub(['a', '--file', file]);
    expect(result.seen.map(({ data }) => data)).toEqual([bytes]);
  });

  it.each([
    [['a', '--file', '/does/not/exist'], 'there is no such file'],
    [['a', '--lines', '--file', '/does/not/exist'], 'there is no such file'],
    [['a', 'body', '--stdin'], 'given twice'],
    [['a', 'body', '--lines'], 'a body was given'],
    [['a', 'x', '--delimiter', 'nul'], '--delimiter needs --lines'],
    [['a', 'x', '-H', 'no colon'], 'it has no colon'],
    [['a', 'x', '-H', 'Name: a\r\nEvil: b'], 'line break'],
    [['a..b', 'x'], 'did you mean a.b?'],
    [['a.*', 'x'], 'is a wildcard'],
    [['a b', 'x'], 'a space'],
    [['a', '{{Nonsense}}', '--template'], 'unknown function "Nonsense"'],
    [['a', 'x', '--rate', '5', '--interval', '1s'], 'rate'],
    [[], 'no subject'],
  ])('%j is exit 2, before anything is sent', async (args, sentence) => {
    const result = await pub(args);
    expect(result).toMatchObject({ code: 2, stdout: '', seen: [] });
    expect(result.stderr).toContain(sentence);
  });
});

describe('many messages', () => {
  it('one a line; the last needs no line end, CR LF ends a line', async () => {
    const result = await pub(['a', '--lines'], { stdin: 'one\ntwo\r\n\nlast' });
    expect(result).toMatchObject({ code: 0, bodies: ['one', 'two', '', 'last'] });
    expect(result.stderr).toBe('published 4 messages, 10 B\n');
  });

  it('lines with a delimiter of their own keep every byte', async () => {
    const result = await pub(['a', '--lines', '--delimiter', 'nul'], { stdin: 'a\r\n\0b\r' });
    expect(result.bodies).toEqual(['a\r\n', 'b\r']);
  });

  it('a line is sent while stdin is still open', async () => {
    seen = [];
    const running = startCli(['pub', '-s', server.url, 'open', '--send-on', 'newline']);
    running.write('first\n');
    await eventually('the first line has arrived', () => seen.length === 1);
    running.write('second');
    running.endStdin();
    expect((await running.exit).code).toBe(0);
    await observer.flush();
    expect(seen.map(({ data }) => data.toString())).toEqual(['first', 'second']);
  });

  it('templates in subject, body and headers', async () => {
    const result = await pub([
      't.{{Count}}',
      'n {{.Count}} {{Random 3 3}}',
      '--templates',
      '--count',
      '2',
      '-H',
      'Id: {{Cnt}}',
    ]);
    expect(result.seen.map(({ subject, headers }) => [subject, headers])).toEqual([
      ['t.1', ['Id: 1']],
      ['t.2', ['Id: 2']],
    ]);
    expect(result.bodies[1]).toMatch(/^n 2 [A-Za-z0-9]{3}$/);
    expect((await pub(['t', '{{Count}}'])).bodies).toEqual(['{{Count}}']);
  });

  it('headers with several values, a reply subject, and the result as JSON', async () => {
    const result = await pub([
      'a',
      'x',
      '-H',
      'A: 1',
      '-H',
      'A: 2',
      '-H',
      'B:',
      '--reply',
      'r.s',
      '--json',
    ]);
    expect(result.seen).toMatchObject([{ reply: 'r.s', headers: ['A: 1', 'A: 2', 'B: '] }]);
    expect(JSON.parse(result.stdout)).toEqual({
      published: 1,
      unconfirmed: 0,
      payload_bytes: 1,
      duration_ms: expect.any(Number) as number,
    });
  });

  it('a rate holds on average', async () => {
    const started = performance.now();
    const result = await pub(['a', 'x', '--count', '21', '--rate', '50']);
    expect(result.bodies).toHaveLength(21);
    expect(performance.now() - started).toBeGreaterThan(400);
  });

  it('JSON lines: subjects, headers, embedded JSON, base64, an overriding subject', async () => {
    const lines = [
      '{"subject":"j.1","reply":"r","headers":{"K":["v","w"]},"payload":{"a":1}}',
      '',
      '{"subject":"j.2","payload_base64":"/wA="}',
    ];
    const plain = await pub(['--jsonl'], { stdin: lines.join('\n') });
    expect(plain.seen).toMatchObject([
      { subject: 'j.1', reply: 'r', headers: ['K: v', 'K: w'], data: Buffer.from('{"a":1}') },
      { subject: 'j.2', data: Buffer.from([255, 0]) },
    ]);
    const moved = await pub(['other', '--jsonl', '-H', 'K: mine'], { stdin: lines[0] ?? '' });
    expect(moved.seen).toMatchObject([{ subject: 'other', headers: ['K: mine'] }]);
  });

  describe('--jsonl --map', () => {
    const lines = ['{"subject":"a.b","payload":1}', '{"subject":"a.c.d","payload":2}'];

    it('publishes to other subjects, the first mapping that matches counts', async () => {
      const stdin = [...lines, '{"subject":"x","payload":3}'].join('\n');
      const maps = ['--map', 'a.b=first', '--map', 'a.>=copy.>', '--map', '>=>'];
      const { code, stderr, ...result } = await pub(['--jsonl', ...maps], { stdin });
      expect({ code, stderr }).toEqual({ code: 0, stderr: 'published 3 messages, 3 B\n' });
      expect(result.seen.map(({ subject }) => subject)).toEqual(['first', 'copy.c.d', 'x']);
    });

    it('ends with 2 before the first message that no mapping matches', async () => {
      const stdin = [...lines, '{"subject":"x","payload":3}', ...lines].join('\n');
      const { code, stderr, ...result } = await pub(['--jsonl', '--map', 'a.>=b.>'], { stdin });
      expect(code).toBe(2);
      expect(stderr).toContain(
        'line 3 of the input: no --map matches the subject "x"; 2 messages were published before',
      );
      expect(stderr).toContain("--map '>=>' keeps all other subjects");
      expect(result.seen.map(({ subject }) => subject)).toEqual(['b.b', 'b.c.d']);
    });

    it('suggests the mapping that was meant, and publishes nothing', async () => {
      const { code, stderr, ...result } = await pub(['--jsonl', '--map', 'a=b'], {
        stdin: lines.join('\n'),
      });
      expect({ code, bodies: result.bodies }).toEqual({ code: 2, bodies: [] });
      expect(stderr).toContain("did you mean 'a.>=b.>'?");
    });

    it('warns about a mapping that matched nothing beside others', async () => {
      const maps = ['--map', 'z=y', '--map', 'a.>=b.>'];
      const { code, stderr } = await pub(['--jsonl', ...maps], { stdin: lines.join('\n') });
      expect(code).toBe(0);
      expect(stderr).toContain("warning: no message matched --map 'z=y'");
    });

    it.each([
      [['--map', 'a=b', 'x', 'y'], '--map'],
      [['subject', '--jsonl', '--map', 'a=b'], 'a subject and --map cannot be used together'],
      [['--jsonl', '--map', 'a'], 'invalid mapping "a"'],
    ])('refuses %j', async (args, words) => {
      const { code, stderr } = await pub(args, { stdin: lines.join('\n') });
      expect(code).toBe(2);
      expect(stderr).toContain(words);
    });
  });

  it('braces without --template are sent as they are, which is said for several messages', async () => {
    const remark = 'the braces {{ }} are sent as they are; --template fills them in\n';
    const several = await pub(['a', 'n {{Count}}', '--count', '2']);
    expect(several.bodies).toEqual(['n {{Count}}', 'n {{Count}}']);
    expect(several.stderr).toBe(`${remark}published 2 messages, 22 B\n`);
    for (const args of [
      ['a', 'n {{Count}}'],
      ['a', 'n {{Count}}', '--count', '2', '--template'],
      ['a', 'n {{Count}}', '--count', '2', '--no-templates'],
      ['a', 'n', '--count', '2'],
    ]) {
      expect((await pub(args)).stderr).not.toContain('braces');
    }
    expect((await pub(['a', '{{Count}}', '--count', '2', '--quiet'])).stderr).toBe('');
  });

  it('jq without -c is recognized', async () => {
    const stdin = '{\n  "subject": "a",\n  "payload": 1\n}\n';
    const { code, stderr } = await pub(['--jsonl'], { stdin });
    expect(code).toBe(2);
    expect(stderr).toContain('as jq -c does');
  });

  it('a broken JSON line is exit 2: its number, and how many went before', async () => {
    const stdin = '{"subject":"j.1","payload":"a"}\n{"subject":"j.1","payload":"b"}\nnonsense\n';
    const result = await pub(['--jsonl'], { stdin });
    expect(result).toMatchObject({ code: 2, bodies: ['a', 'b'] });
    expect(result.stderr).toContain('line 3 of the input: the line is not JSON');
    expect(result.stderr).toContain('2 messages were published before');
  });

  it('what sub --json wrote is copied byte for byte', async () => {
    const bodies = [
      Buffer.from([0, 1, 255]),
      Buffer.from('"text"'),
      Buffer.from('{"a":[1,2]}'),
      Buffer.from(' { } '),
      Buffer.alloc(0),
    ];
    const sub = startCli([
      'sub',
      '-s',
      server.url,
      'orig',
      '--json',
      '--count',
      String(bodies.length),
    ]);
    await sub.waitForStderr(/subscribed|listening/);
    for (const body of bodies) observer.publish('orig', body);
    await observer.flush();
    const { stdout } = await sub.exit;
    const result = await pub(['copy', '--jsonl'], { stdin: stdout });
    expect(result.seen.map(({ data }) => data)).toEqual(bodies);
  });
});

describe('success means that the server has it', () => {
  it('nobody there is exit 3', async () => {
    const result = await runCli(['pub', '-s', 'nats://127.0.0.1:9', 'a', 'x']);
    expect(result.code).toBe(3);
  });

  it('a refused subject is exit 4, also while stdin is open', async () => {
    const guarded = await startNatsServer({
      authorization: {
        users: [{ user: 'u', password: 'p', permissions: { publish: { deny: ['no.>'] } } }],
      },
    });
    const login = ['-s', guarded.url, '--user', 'u', '--password', 'p'];
    const result = await runCli(['pub', ...login, 'no.way', 'x']);
    expect(result).toMatchObject({ code: 4, stdout: '' });
    expect(result.stderr).toContain('no.way');
    const running = startCli(['pub', ...login, 'no.way', '--lines', '--json']);
    running.write('one\n');
    expect(await running.exit).toMatchObject({ code: 4 });
    // What was refused was not published, however many of them were on their way.
    const stdin = ['yes', 'no.way', 'no.way', 'yes']
      .map((subject) => `{"subject":"${subject}","payload":"x"}\n`)
      .join('');
    const mixed = await runCli(['pub', ...login, '--jsonl', '--json'], { stdin });
    expect(mixed.code).toBe(4);
    expect(JSON.parse(mixed.stdout)).toMatchObject({ published: 2, refused: 2, unconfirmed: 0 });
    expect(mixed.stderr).toContain('2 messages were published before, 2 were refused');
  });

  it('a payload that is too large is exit 8 with both sizes, and nothing is sent', async () => {
    const small = await startNatsServer({ maxPayload: 1000 });
    const result = await runCli(['pub', '-s', small.url, 'a', 'x'.repeat(1001), '--json']);
    expect(result.code).toBe(8);
    expect(result.stderr).toContain('1001');
    expect(result.stderr).toContain('1000');
  });

  it('a megabyte goes through', async () => {
    const result = await pub(['big', '-'], { stdin: Buffer.alloc(1_048_576, 7) });
    expect(result.code).toBe(0);
    expect(result.seen[0]?.data.length).toBe(1_048_576);
  });

  it('a server that is killed and does not come back is exit 3, with the numbers', async () => {
    const own = await startNatsServer();
    const running = startCli(['pub', '-s', own.url, 'a', '--lines', '--timeout', '3s', '--json']);
    running.write('one\ntwo\n');
    await eventually(
      'both have arrived',
      async () => (await own.monitor('/varz'))['in_msgs'] === 2,
    );
    await own.kill();
    await running.waitForStderr(/lost the connection/);
    const result = await running.exit;
    expect(result.code).toBe(3);
    expect(JSON.parse(result.stdout)).toMatchObject({ published: 2, unconfirmed: 0 });
  });

  it('a restart while publishing: it goes on, and says what is in doubt', async () => {
    const own = await startNatsServer();
    const args = [
      'pub',
      '-s',
      own.url,
      'a',
      'x'.repeat(512),
      '--count',
      '40k',
      '--rate',
      '20k',
      '--json',
    ];
    const running = startCli(args);
    const arrived = async (): Promise<number> => Number((await own.monitor('/varz'))['in_msgs']);
    await eventually('many have arrived', async () => (await arrived()) > 2_000);
    await own.restart({ signal: 'SIGKILL' });
    const result = await running.exit;
    const { published, unconfirmed } = JSON.parse(result.stdout) as Record<string, number>;
    expect(Number(published) + Number(unconfirmed)).toBe(40_000);
    expect(result.code).toBe(unconfirmed === 0 ? 0 : 3);
    expect(await arrived()).toBeLessThanOrEqual(40_000);
    if (unconfirmed !== 0) expect(result.stderr).toContain('may or may not have arrived');
  });

  it('Ctrl-C before the end is 130; what was read is sent', async () => {
    seen = [];
    const running = startCli(['pub', '-s', server.url, 'a', '--lines']);
    running.write('one\ntwo');
    await eventually('the first has arrived', () => seen.length === 1);
    running.signal('SIGINT');
    const result = await running.exit;
    expect(result).toMatchObject({ code: 130 });
    expect(result.stderr).toContain('published 1 message');
  });

  it('--quiet says nothing', async () => {
    expect(await pub(['a', 'x', '--quiet'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});
