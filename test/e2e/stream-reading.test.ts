import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import {
  fillStream,
  numbers,
  store,
  withConnection,
} from '../integration/streams/run/read/fixture.js';
import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { cliEnvironment, cliWords, emptyHome, runCli, startCli } from '../support/run-cli.js';

let server: NatsServer;
let url: readonly string[];

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  url = ['-s', server.url];
  await fillStream(server.url, { name: 'ORDERS' }, { count: 300, subjects: ['s.a', 's.b'] });
  await fillStream(server.url, { name: 'EMPTY', subjects: ['empty'] });
});

const sub = (stream: string): readonly string[] => ['sub', '--stream', stream];

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('sub --stream', () => {
  it('prints all that is there, and ends', async () => {
    const args = ['sub', '--stream', 'ORDERS', '--from-start', '--until-end', '--raw', ...url];
    const { code, stdout, stderr } = await runCli(args);
    expect(stdout).toBe(
      numbers(1, 300)
        .map((number) => `message ${number}\n`)
        .join(''),
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('reading the stream ORDERS') as string,
    });
  });

  it('understands the flags of the official CLI', async () => {
    const { code, stdout } = await runCli([
      'sub',
      '--stream',
      'ORDERS',
      '--all',
      '-T',
      '--raw',
      ...url,
    ]);
    expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 0, lines: 301 });
    const from = await runCli(['sub', 's.b', '--start-sequence', '299', '-T', '--raw', ...url]);
    expect(from.stdout).toBe('message 300\n');
  });

  it('says in JSON where a message stands, and not how it was delivered', async () => {
    const { stdout } = await runCli(['sub', 's.a', '--last', '-T', '--json', ...url]);
    const [line] = jsonLines(stdout);
    expect(line).toMatchObject({
      subject: 's.a',
      stream: 'ORDERS',
      seq: 299,
      payload: 'message 299',
    });
    expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z$/);
    expect(line).not.toHaveProperty('reply');
  });

  it('ends at once when there is nothing', async () => {
    const { code, stdout } = await runCli(['sub', '--stream', 'EMPTY', '-T', ...url]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });

  it('ends at the end where the end that was asked for lies beyond it, and says so', async () => {
    for (const end of [
      ['--to-seq', '1000'],
      ['--to-time', '2999-01-01T00:00:00Z'],
    ]) {
      const { code, stdout, stderr } = await runCli([...sub('ORDERS'), ...end, '--raw', ...url]);
      expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 0, lines: 301 });
      expect(stderr).toContain('reading ends after 300, currently the last; --follow waits');
    }
  });

  it('waits for an end that is not there yet with --follow', async () => {
    await fillStream(
      server.url,
      { name: 'GROWS', subjects: ['grows'] },
      { count: 2, subjects: ['grows'] },
    );
    const following = startCli([...sub('GROWS'), '--to-seq', '4', '--follow', '--raw', ...url]);
    await following.waitForStderr(/reading the stream GROWS/);
    await withConnection(server.url, (connection) =>
      store(connection, { count: 2, from: 3, subjects: ['grows'] }),
    );
    const { code, stdout } = await following.exit;
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: numbers(1, 4)
        .map((number) => `message ${number}\n`)
        .join(''),
    });
  });

  it.each([
    ['a range', ['--from-seq', '299', '--until-end', '--count', '3'], 'only 2 of 3'],
    [
      'a filter',
      ['--until-end', '--count', '1', '--filter', 'payload=="nope"'],
      '300 were filtered out',
    ],
  ])('is 5 when %s has fewer than --count', async (_what, args, words) => {
    const { code, stderr } = await runCli([...sub('ORDERS'), ...args, '--raw', ...url]);
    expect(code).toBe(5);
    expect(stderr).toContain(words);
  });

  it('is 7 on a subject that the stream does not take, and says that a range is empty', async () => {
    const wrong = await runCli([...sub('ORDERS'), 'nope.>', '--until-end', ...url]);
    expect(wrong).toMatchObject({ code: 7, stdout: '' });
    expect(wrong.stderr).toContain('has no messages on nope.> and does not store that subject');
    const none = await runCli([...sub('ORDERS'), 's.none', '--until-end', ...url]);
    expect(none.code).toBe(0);
    expect(none.stderr).toContain('no message of the stream ORDERS is in that range on s.none');
  });

  it('reads a filter as people write it, and refuses what it cannot read', async () => {
    const quoted = ['--until-end', '--filter', 'payload=="message 7"', '--raw'];
    expect(await runCli([...sub('ORDERS'), ...quoted, ...url])).toMatchObject({
      code: 0,
      stdout: 'message 7\n',
    });
    const wrong = await runCli([...sub('ORDERS'), '--filter', 'payload===x', ...url]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('operators are =');
  });

  it('follows what comes, until --count', async () => {
    const cli = startCli(['sub', '--stream', 'EMPTY', '--count', '2', '--raw', ...url]);
    await cli.waitForStderr(/reading the stream/);
    await withConnection(server.url, (c) => store(c, { count: 2, subjects: ['empty'] }));
    expect(await cli.exit).toMatchObject({ code: 0, stdout: 'message 1\nmessage 2\n' });
  });

  it('ends quietly when nobody reads, and at Ctrl-C', async () => {
    const followed = startCli(['sub', '--stream', 'ORDERS', '--from-start', ...url]);
    await followed.waitForStdout(/message 300/);
    followed.signal('SIGINT');
    expect(await followed.exit).toMatchObject({ code: 0 });
    const left = startCli(['sub', '--stream', 'ORDERS', '--from-start', '--raw', ...url]);
    await left.waitForStdout(/message 1\n/);
    left.closeStdout();
    await withConnection(server.url, (c) => store(c, { count: 1, from: 301 }));
    expect(await left.exit).toMatchObject({ code: 0 });
  });

  it.each([
    ['a stream that is not there', ['--stream', 'ORDRES'], 7, 'did you mean ORDERS?'],
    [
      'a sequence beyond the end',
      ['--stream', 'ORDERS', '--from-seq', '9000'],
      7,
      'no message 9000 yet',
    ],
    ['a subject that no stream stores', ['other', '--from-start'], 7, 'no stream stores "other"'],
    [
      'two starts',
      ['--stream', 'ORDERS', '--last', '--new'],
      2,
      '--last and --new cannot be used together',
    ],
    [
      'a time that is none',
      ['--stream', 'ORDERS', '--from-time', 'noon'],
      2,
      'invalid time "noon"',
    ],
    ['a speed that is none', ['--stream', 'ORDERS', '--speed', 'fast'], 2, 'invalid speed "fast"'],
    [
      'a queue group',
      ['--stream', 'ORDERS', '--queue', 'q'],
      2,
      '--queue cannot be used with a stream',
    ],
  ])('tells of %s', async (_, args, code, text) => {
    const result = await runCli(['sub', ...args, ...url]);
    expect({ code: result.code, stderr: result.stderr }).toEqual({
      code,
      stderr: expect.stringContaining(text) as string,
    });
  });

  it('says that JetStream is off, and what is not permitted', async () => {
    const plain = await startNatsServer();
    const off = await runCli(['sub', '--stream', 'ORDERS', '-T', '-s', plain.url]);
    expect(off).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('JetStream is off') as string,
    });
    const permissions = { publish: ['$JS.API.STREAM.>'], subscribe: ['_INBOX.>'] };
    const guarded = await startNatsServer({
      jetstream: true,
      config: {
        authorization: {
          users: [
            { user: 'all', password: 'x' },
            { user: 'few', password: 'x', permissions },
          ],
        },
      },
    });
    await fillStream(guarded.url.replace('//', '//all@'), { name: 'ORDERS' }, { count: 1 });
    const few = ['--user', 'few', '--password', 'x', '-s', guarded.url];
    const denied = await runCli(['sub', '--stream', 'ORDERS', '-T', ...few]);
    expect(denied.code).toBe(4);
    expect(denied.stderr).toContain('$JS.API.CONSUMER.CREATE.ORDERS');
  });
});

describe('record and replay', () => {
  it('keep what a stream had, and give it back', async () => {
    const home = emptyHome();
    await fillStream(server.url, { name: 'COPY', subjects: ['copy.>'] });
    const file = join(home, 'orders.jsonl.gz');
    const range = ['--stream', 'ORDERS', '--to-seq', '300'];
    const recorded = await runCli(['record', file, ...range, '--json', ...url], { home });
    expect(JSON.parse(recorded.stdout)).toMatchObject({
      messages: 300,
      complete: true,
      missing: [],
    });
    const map = ['--map', 's.>=copy.>'];
    const replayed = await runCli(['replay', file, '-J', '--json', ...map, ...url], { home });
    expect({ code: replayed.code, ...(JSON.parse(replayed.stdout) as object) }).toMatchObject({
      code: 0,
      published: 300,
      unconfirmed: 0,
      complete: true,
    });
    const { stdout } = await runCli(['sub', '--stream', 'COPY', '--all', '-T', '--json', ...url]);
    expect(jsonLines(stdout).map(({ subject, payload }) => [subject, payload])).toEqual(
      numbers(1, 300).map((n) => [n % 2 === 1 ? 'copy.a' : 'copy.b', `message ${n}`]),
    );
  });

  it('end at the end of the stream, and say what there was less than was asked for', async () => {
    const file = (name: string): string => join(emptyHome(), name);
    const record = (...args: string[]) => runCli(['record', ...args, '--stream', 'ORDERS', ...url]);
    const whole = await record(file('a.jsonl'), '--to-seq', '1000');
    expect(whole.code).toBe(0);
    expect(whole.stderr).toContain('recorded 301 messages');
    expect(whole.stderr).toContain('--follow waits for the rest');
    const fewer = await record(file('b.jsonl'), '--from-seq', '300', '--count', '5');
    expect(fewer.code).toBe(5);
    expect(fewer.stderr).toContain('only 2 of 5 messages were recorded');
    const wrong = file('c.jsonl');
    expect((await record(wrong, '--subject', 'nope.>')).code).toBe(7);
    expect(existsSync(wrong)).toBe(false);
  });

  it('leave nothing that failed before its first message, and an old file as it was', async () => {
    const home = emptyHome();
    const path = join(home, 'x.jsonl');
    const nowhere = ['-s', 'nats://127.0.0.1:1', '--timeout', '1s'];
    const live = ['record', path, '--subject', 'no.one'];
    expect((await runCli([...live, ...nowhere])).code).toBe(3);
    expect((await runCli([...live, '--count', '1', '--duration', '100ms', ...url])).code).toBe(5);
    expect((await runCli(['sub', 'x', '--output-dir', join(home, 'a/b'), ...nowhere])).code).toBe(
      3,
    );
    const absent = await runCli([
      'record',
      join(home, 'none/x.jsonl'),
      '--stream',
      'ORDERS',
      ...url,
    ]);
    expect(absent.code).toBe(2);
    expect(absent.stderr).not.toContain('recorded before');
    expect(readdirSync(home).filter((name) => !name.startsWith('.'))).toEqual([]);

    expect((await runCli(['record', path, '--stream', 'ORDERS', ...url])).code).toBe(0);
    const before = readFileSync(path);
    expect((await runCli([...live, '--overwrite', ...nowhere])).code).toBe(3);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  describe('with --map', () => {
    const lines = ['orders.eu', 'orders.eu', 'orders.us'].map(
      (subject, index) =>
        `{"stream":"X","seq":${index + 1},"time":"2026-01-01T00:00:0${index}Z","subject":"${subject}","payload":"x"}\n`,
    );
    const path = join(emptyHome(), 'mapped.jsonl');
    writeFileSync(path, `{"natsx_recording":1,"stream":"X","filters":[]}\n${lines.join('')}`);
    const replay = (...args: string[]) => runCli(['replay', path, ...args, ...url]);
    const heard = (args: readonly string[]) =>
      startCli([
        'sub',
        '>',
        '--ignore',
        '$JS.>',
        '--ignore',
        '_INBOX.>',
        '--ignore',
        '$SYS.>',
        '--format',
        String.raw`{subject}\n`,
        ...args,
        ...url,
      ]);

    it('publishes nothing when it matches nothing, and proposes what does', async () => {
      const nothing = heard(['--duration', '1500ms', '--count', '1']);
      await nothing.waitForStderr(/subscribed/);
      const { code, stderr } = await replay('--map', 'orders=old');
      expect(code).toBe(2);
      expect(stderr).toContain("did you mean 'orders.>=old.>'?");
      expect((await replay('--map', 'x.>=y.>', '--dry-run')).code).toBe(2);
      expect(await nothing.exit).toMatchObject({ code: 5, stdout: '' });
      expect(existsSync(`${path}.replay.json`)).toBe(false);
    });

    it('says how many messages keep their subjects, and which mapping is of no use', async () => {
      const reader = heard(['--count', '3']);
      await reader.waitForStderr(/subscribed/);
      const { code, stderr } = await replay('--map', 'orders.eu=old.eu', '--map', 'a=b');
      expect(code).toBe(0);
      expect(stderr).toContain(
        '1 of 3 messages matches no --map and keeps its subject: orders.us\n',
      );
      expect(stderr).toContain("no message matches --map 'a=b'");
      expect((await reader.exit).stdout.trim().split(/\s+/)).toEqual([
        'old.eu',
        'old.eu',
        'orders.us',
      ]);
    });

    it('says with --dry-run what would go where, without a server', async () => {
      const args = ['replay', path, '--map', 'orders.>=old.>', '--from', '2', '--dry-run'];
      const nowhere = ['-s', 'nats://127.0.0.1:1'];
      const { code, stdout } = await runCli([...args, '--json', ...nowhere]);
      expect({ code, preview: JSON.parse(stdout) as unknown }).toEqual({
        code: 0,
        preview: {
          file: path,
          dry_run: true,
          messages: 2,
          left_out: 1,
          unmapped: 0,
          subjects: [
            { from: 'orders.eu', to: 'old.eu', messages: 1 },
            { from: 'orders.us', to: 'old.us', messages: 1 },
          ],
          other_subjects: 0,
        },
      });
      const text = await runCli([...args, ...nowhere]);
      expect(text.stdout).toMatch(/^orders\.us +old\.us +1$/m);
    });

    it('is 7 on a range that has no message', async () => {
      const { code, stderr } = await replay('--from', '4');
      expect(code).toBe(7);
      expect(stderr).toContain('none of the 3 messages');
    });
  });

  it('writes what is published, and notes where it was interrupted', async () => {
    const home = emptyHome();
    const file = join(home, 'live.jsonl');
    for (const resume of [[], ['--resume']]) {
      const args = ['record', file, '--subject', 'live.>', '--count', '1', ...resume, ...url];
      const cli = startCli(args, { home });
      await cli.waitForStderr(/subscribed to live/);
      await withConnection(server.url, async (connection) => {
        connection.publish('live.a', 'x');
        await connection.flush();
      });
      expect(await cli.exit).toMatchObject({ code: 0 });
    }
    const [, first, note, second] = jsonLines(readFileSync(file, 'utf8'));
    expect([first?.['subject'], note?.['natsx_note'], second?.['subject']]).toEqual([
      'live.a',
      'gap',
      'live.a',
    ]);
  });

  it('tell what is wrong with a file', async () => {
    const home = emptyHome();
    const file = join(home, 'broken.jsonl');
    writeFileSync(file, '{"natsx_recording":1,"stream":"X"}\n{"subject":"a","payload":"1"}\n');
    appendFileSync(file, '{"subject":"b"}\n');
    const broken = await runCli(['replay', file, ...url], { home });
    expect(broken.code).toBe(2);
    expect(broken.stderr).toMatch(/line 3 of .*has no "payload".*1 message was published before/);
    writeFileSync(file, '{"natsx_recording":7,"written_by":"9.1.0"}\n');
    const newer = await runCli(['replay', file, ...url], { home });
    expect(newer.code).toBe(2);
    expect(newer.stderr).toContain('written by a newer natsx (9.1.0)');
    const there = await runCli(['record', file, '--stream', 'ORDERS', ...url], { home });
    expect(there.code).toBe(2);
    expect(there.stderr).toContain('already exists');
    const missing = await runCli(['record', join(home, 'x'), '--stream', 'NONE', ...url], { home });
    expect(missing.code).toBe(7);
  });

  it('that are cut off are no success of replay --dry-run', async () => {
    const file = join(emptyHome(), 'cut.jsonl');
    const head =
      '{"natsx_recording":1,"stream":"S","filters":[],"started_at":"now","written_by":"0"}';
    const line = '{"stream":"S","seq":1,"subject":"s.a","payload":"x"}';
    writeFileSync(file, `${head}\n${line}\n${line.slice(0, 30)}`);
    const { code, stdout, stderr } = await runCli(['replay', file, '--dry-run', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ messages: 1 });
    expect(stderr).toMatch(/line 3 of .* is incomplete/);
    expect(code).toBe(2);
  });

  it('of subjects count what is whole in a file that may not grow any more', async () => {
    const file = join(emptyHome(), 'live.jsonl');
    const lines = Array.from({ length: 400 }, (_, at) => `message ${at}`).join('\n');
    const count = (): number =>
      readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.startsWith('{"subject"')).length;
    const fill = async (...flags: readonly string[]) => {
      const words = [...cliWords(), 'record', file, '--subject', 'limited.>', ...flags, ...url];
      const script = `trap '' XFSZ; ulimit -f 8; exec ${words.map((word) => `'${word}'`).join(' ')}`;
      const child = spawn('bash', ['-c', script], { env: cliEnvironment(emptyHome()) });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const closed = once(child, 'close');
      await eventually('it has subscribed', () => stderr.includes('subscribed') || undefined);
      await runCli(['pub', 'limited.a', '--lines', ...url], { stdin: lines });
      const [code] = (await closed) as [number];
      return { code, stderr };
    };
    const first = await fill();
    const before = count();
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(400);
    expect(first.code).toBe(2);
    expect(first.stderr).toContain(`; ${before} messages were recorded before`);
    const second = await fill('--resume');
    expect(second.code).toBe(2);
    const more = count() - before;
    expect(more).toBeLessThan(before);
    expect(second.stderr.includes('recorded before')).toBe(more > 0);
    expect(second.stderr).not.toContain(`${before} messages`);
  });

  it('say that a file may not grow any more, and count what is whole in it', () => {
    const home = emptyHome();
    const file = join(home, 'big.jsonl');
    const words = [...cliWords(), 'record', file, '--stream', 'ORDERS', '--json', ...url];
    const script = `ulimit -f 4; exec ${words.map((word) => `'${word}'`).join(' ')}`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
      env: cliEnvironment(home),
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/cannot write to .*EFBIG/);
    expect(status).toBe(2);
    const messages = readFileSync(file, 'utf8').split('\n').length - 2;
    expect(messages).toBeGreaterThan(0);
    expect(JSON.parse(stdout)).toMatchObject({ messages, last_seq: messages, complete: false });
    expect(stderr).toContain(`${messages} messages were recorded before`);
  });
});
