import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { emptyHome, runCli, type CliOptions, type CliResult } from '../support/run-cli.js';
import { requires } from '../support/server-version.js';

let server: NatsServer;
let connection: NatsConnection;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  connection = await connect({ servers: server.url });
});
afterAll(() => connection.close());

let count = 0;
/** A stream of each test's own. */
let name: string;
beforeEach(() => {
  count += 1;
  name = `S${count}`;
});

function natsx(line: string, options?: CliOptions): Promise<CliResult> {
  const words = line.split(' ').map((word) => word.replaceAll('NAME', name));
  return runCli([...words, '--server', server.url], options);
}

/** What a command prints that succeeds and changes nothing. */
async function ok(line: string, options?: CliOptions): Promise<string> {
  const run = await natsx(line, options);
  expect({ line, code: run.code, stderr: run.stderr }).toEqual({ line, code: 0, stderr: '' });
  return run.stdout;
}

/** The confirmation of a change: on stderr, and nothing on stdout. */
async function done(line: string, options?: CliOptions): Promise<string> {
  const run = await natsx(line, options);
  expect({ line, code: run.code, stdout: run.stdout }).toEqual({ line, code: 0, stdout: '' });
  return run.stderr;
}

async function okJson(line: string, options?: CliOptions): Promise<Record<string, unknown>> {
  return JSON.parse(await ok(`${line} --json`, options)) as Record<string, unknown>;
}

/** The failure as `--json` tells it on stderr, with the exit code. */
async function failure(line: string, options?: CliOptions) {
  const run = await natsx(`${line} --json`, options);
  const { error } = JSON.parse(run.stderr) as { error: { message: string; hint?: string } };
  return { code: run.code, ...error, stdout: run.stdout };
}

/** Five messages: `NAME.a` 1 to 4, then `NAME.b` 5. */
async function withMessages(): Promise<void> {
  await done('stream create NAME --subjects NAME.>');
  // The stream's acknowledgement answers the request: then the message is there.
  for (const body of ['1', '2', '3', '4']) await connection.request(`${name}.a`, body);
  await connection.request(`${name}.b`, '5');
}

describe('stream create', () => {
  test('makes it with what the flags say', async () => {
    const made = await okJson(
      'stream create NAME --subjects NAME.a,NAME.b --storage memory --retention workqueue --discard new --max-age 1h --max-bytes 1MiB --max-msgs 1k --max-msgs-per-subject 10 --max-msg-size 1K --duplicate-window 30s --allow-direct --description text',
    );
    expect(made).toMatchObject({
      action: 'created',
      stream: name,
      changes: [],
      ignored: [],
      config: {
        name,
        subjects: [`${name}.a`, `${name}.b`],
        storage: 'memory',
        retention: 'workqueue',
        discard: 'new',
        max_age: 3_600_000_000_000,
        max_bytes: 1_048_576,
        max_msgs: 1_000,
        max_msgs_per_subject: 10,
        max_msg_size: 1_024,
        duplicate_window: 30_000_000_000,
        allow_direct: true,
        description: 'text',
      },
    });
  });

  test('a second time with the same settings: nothing to change', async () => {
    const line = 'stream create NAME --subjects NAME.> --max-age 1m';
    await done(line);
    expect(await done(line)).toBe(
      `nothing to change: the stream ${name} already has these settings\n`,
    );
    expect(await okJson(line)).toMatchObject({ action: 'unchanged', changes: [] });
  });

  test('with other settings: the differences, the command, exit code 8, and nothing changed', async () => {
    await done('stream create NAME --subjects NAME.> --max-age 1m --duplicate-window 1m');
    const run = await natsx('stream create NAME --subjects NAME.> --max-age 2h --max-msgs 5');
    expect(run.code).toBe(8);
    expect(run.stdout).toMatch(/max_age +1m +2h/);
    expect(run.stderr).toContain(`natsx stream edit ${name} --max-msgs 5`);
    expect(run.stderr).toContain('--max-age 2h');
    const json = await natsx('stream create NAME --subjects NAME.> --json');
    expect(json.code).toBe(8);
    expect(JSON.parse(json.stdout)).toMatchObject({
      action: 'different',
      config: { max_age: 60_000_000_000 },
    });
  });

  test('settings that only a default decides differ as well', async () => {
    await done('stream create NAME --subjects NAME.> --max-msgs 5');
    const run = await natsx('stream create NAME --subjects NAME.>');
    expect(run.code).toBe(8);
    expect(run.stdout).toMatch(/max_msgs +5 +unlimited/);
  });

  test('from a file in the shape of the server, or from stdin; flags override', async () => {
    const home = emptyHome();
    writeFileSync(
      join(home, 'stream.json'),
      JSON.stringify({ name, subjects: [`${name}.x`], max_msgs: 5, deny_purge: true }),
    );
    const made = await okJson('stream create NAME --config stream.json --max-msgs 6', { home });
    expect(made).toMatchObject({
      config: { subjects: [`${name}.x`], max_msgs: 6, deny_purge: true },
    });
    const again = { stdin: JSON.stringify({ config: made['config'] }) };
    expect(await okJson('stream create NAME --config -', again)).toMatchObject({
      action: 'unchanged',
    });
  });

  test('what cannot be is said before anything is asked', async () => {
    expect(await failure('stream create NAME')).toMatchObject({ code: 2, kind: 'usage' });
    expect(await failure('stream create a.b --subjects x')).toMatchObject({ code: 2 });
    expect(await failure('stream create NAME --subjects a..b')).toMatchObject({ code: 2 });
    expect(await failure('stream create NAME --subjects a --max-age soon')).toMatchObject({
      code: 2,
    });
    expect(await failure('stream create NAME --config no.json')).toMatchObject({ code: 2 });
    const broken = await failure('stream create NAME --config -', { stdin: '{"subjects":' });
    expect(broken).toMatchObject({ code: 2 });
    expect(broken.message).toContain('stdin is not JSON');
    expect(await failure('stream create NAME --config -', { stdin: '[]' })).toMatchObject({
      code: 2,
    });
  });

  test('what the server refuses is exit code 8 with its reason', async () => {
    const { code, message } = await failure('stream create NAME --subjects NAME.> --replicas 3');
    expect(code).toBe(8);
    expect(message).toContain('replicas > 1 not supported in non-clustered mode (10074)');
  });

  test('--dry-run shows what would be created; --quiet says nothing', async () => {
    const line = 'stream create NAME --subjects NAME.>';
    expect(await ok(`${line} --dry-run`)).toBe(
      `would create the stream ${name}\n  subjects  ${name}.>\n`,
    );
    expect(await failure('stream info NAME')).toMatchObject({ code: 7 });
    expect(await done(`${line} --quiet`)).toBe('');
    expect(await done('stream purge NAME --yes --quiet')).toBe('');
    expect(await done('stream edit NAME --max-msgs 1 --yes --quiet')).toBe('');
    expect(await done('stream rm NAME --yes --quiet')).toBe('');
  });

  test('the name of the argument wins over the name in a file', async () => {
    await done('stream create NAME --subjects NAME.> --max-msgs 3');
    const stdin = JSON.stringify(await okJson('stream info NAME'));
    expect(
      await okJson('stream create NAME-2 --config - --subjects x.NAME', { stdin }),
    ).toMatchObject({ action: 'created', config: { name: `${name}-2`, max_msgs: 3 } });
  });

  test('compression and metadata', async () => {
    await requires('2.10');
    const made = await okJson(
      'stream create NAME --subjects NAME.> --compression s2 --metadata team=a --metadata note=b=c',
    );
    expect(made).toMatchObject({
      config: { compression: 's2', metadata: { team: 'a', note: 'b=c' } },
    });
    expect(
      await done(
        'stream create NAME --subjects NAME.> --compression s2 --metadata note=b=c --metadata team=a',
      ),
    ).toContain('nothing to change');
  });
});

describe('stream edit', () => {
  test('without --yes shows the differences, changes nothing, and exits with 2', async () => {
    await done('stream create NAME --subjects NAME.>');
    const run = await natsx('stream edit NAME --max-msgs 5');
    expect(run.code).toBe(2);
    expect(run.stdout).toMatch(/max_msgs +unlimited +5/);
    expect(run.stderr).toContain('--yes');
    expect(await ok('stream edit NAME --max-msgs 5 --dry-run')).toBe(run.stdout);
    expect(await done('stream create NAME --subjects NAME.>')).toContain('nothing to change');
  });

  test('with --yes changes what was named and nothing else', async () => {
    await done('stream create NAME --subjects NAME.> --max-age 1h --description before');
    const edited = await okJson('stream edit NAME --max-msgs 5 --description after --yes');
    expect(edited).toMatchObject({
      action: 'edited',
      changes: [
        { key: 'description', before: 'before', after: 'after' },
        { key: 'max_msgs', before: -1, after: 5 },
      ],
      config: { max_age: 3_600_000_000_000, max_msgs: 5, description: 'after' },
    });
    expect(await okJson('stream edit NAME --max-msgs 5 --yes')).toMatchObject({
      action: 'unchanged',
    });
    expect(await okJson('stream edit NAME --max-msgs unlimited --yes')).toMatchObject({
      config: { max_msgs: -1 },
    });
  });

  test('tells the messages that a narrower limit costs', async () => {
    await withMessages();
    expect(await ok('stream edit NAME --max-msgs 2 --dry-run')).toContain(
      'loss: the oldest 3 of 5 messages go',
    );
    expect(await okJson('stream edit NAME --max-msgs 2 --yes')).toMatchObject({
      losses: ['the oldest 3 of 5 messages go'],
    });
    expect(await failure('stream get NAME 3')).toMatchObject({ code: 7 });
    expect(await ok('stream get NAME 4 --raw')).toBe('4');
  });

  test('what can never change is said in words', async () => {
    await done('stream create NAME --subjects NAME.>');
    const storage = await failure('stream edit NAME --storage memory --yes');
    expect(storage).toMatchObject({ code: 2 });
    expect(storage.message).toContain('fixed when a stream is created');
    expect(await failure('stream edit NAME --retention workqueue --yes')).toMatchObject({
      code: 2,
    });
    expect(await failure('stream edit NAME')).toMatchObject({ code: 2 });
  });
});

describe('stream rm', () => {
  test('without --yes: what would go, exit code 2, and it stays', async () => {
    await withMessages();
    await done('consumer create NAME worker');
    const run = await natsx('stream rm NAME');
    expect(run.code).toBe(2);
    expect(run.stdout).toMatch(/^would remove .* with 5 messages \(.+\) and 1 consumer: worker\n$/);
    expect(await okJson('stream rm NAME --dry-run')).toMatchObject({
      action: 'would-remove',
      stream: name,
      messages: 5,
      consumers: ['worker'],
    });
    expect(await done('stream rm NAME --yes')).toMatch(/^removed the stream/);
    expect(await failure('stream rm NAME --yes')).toMatchObject({ code: 7, kind: 'not-found' });
  });
});

describe('stream copy', () => {
  test('has the settings of the other stream, with those of the flags, and none of its messages', async () => {
    await withMessages();
    await done('stream edit NAME --max-msgs 7 --yes');
    const own = await natsx('stream copy NAME NAME-2');
    expect(own.code).toBe(8);
    expect(own.stderr).toContain(`${name} already has subjects of the stream "${name}-2"`);
    const line = 'stream copy NAME NAME-2 --subjects x.NAME --max-age 1h';
    expect(await ok(`${line} --dry-run`)).toContain(`would create the stream ${name}-2`);
    expect(await done(line)).toMatch(/^created .*max messages +7\n.*were not copied\n$/s);
    expect(await okJson('stream info NAME-2')).toMatchObject({
      config: { max_msgs: 7, max_age: 3_600_000_000_000, subjects: [`x.${name}`] },
      state: { messages: 0 },
    });
    expect(await done(line)).toContain('nothing to change');
    expect(await failure('stream copy NAME NAME-2 --subjects x.NAME')).toMatchObject({ code: 8 });
    expect(await failure('stream copy NONE-NAME X --subjects x')).toMatchObject({ code: 7 });
  });
});

describe('stream apply', () => {
  test('creates what is missing and changes the rest: shown first, done with --yes', async () => {
    await done('stream create NAME --subjects NAME.> --description stays');
    const documents = [
      { name, max_msgs: 5 },
      { name: `${name}-NEW`, subjects: [`new.${name}`] },
    ];
    const stdin = JSON.stringify(documents);
    const looked = await natsx('stream apply -', { stdin });
    expect(looked.code).toBe(2);
    expect(looked.stdout).toMatch(/would change .*max_msgs +unlimited +5.*would create/s);
    expect(await ok('stream apply - --dry-run', { stdin })).toBe(looked.stdout);
    expect(await failure('stream info NAME-NEW')).toMatchObject({ code: 7 });
    expect(await done('stream apply - --yes', { stdin })).toMatch(/changed .*created /s);
    expect(await okJson('stream info NAME')).toMatchObject({
      config: { max_msgs: 5, description: 'stays' },
    });
    // Without differences there is nothing to confirm.
    expect(await done('stream apply -', { stdin })).toMatch(
      /nothing to change.*nothing to change/s,
    );
    const lines = { stdin: documents.map((one) => JSON.stringify(one)).join('\n') };
    const actions = (await natsx('stream apply - --json', lines)).stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { action: string }).action);
    expect(actions).toEqual(['unchanged', 'unchanged']);
  });

  test('refuses what is not a configuration with a name', async () => {
    expect(await failure('stream apply -', { stdin: '{"subjects":["a"]}' })).toMatchObject({
      code: 2,
      message: 'the name of the stream is missing in configuration 1 of stdin',
    });
    expect(await failure('stream apply no.json')).toMatchObject({ code: 2 });
  });
});

describe('stream subjects', () => {
  test('counts by subject, those with the most messages first', async () => {
    await withMessages();
    const text = await ok('stream subjects NAME');
    expect(text.replaceAll(name, 'NAME')).toMatch(
      /NAME\.a +4\nNAME\.b +1\n2 subjects, 5 messages\n/,
    );
    expect(await okJson(`stream subjects NAME NAME.b`)).toEqual({
      stream: name,
      filter: `${name}.b`,
      subject_count: 1,
      messages: 1,
      subjects: [{ subject: `${name}.b`, messages: 1 }],
    });
    expect(await ok('stream subjects NAME none')).toBe(
      `${name} stores no messages that match none.\n`,
    );
    expect(await failure('stream subjects NONE-NAME')).toMatchObject({ code: 7 });
  });
});

describe('a mirror, sources and republishing by flags', () => {
  test('copy the messages', async () => {
    await withMessages();
    await done('stream create NAME-M --mirror NAME');
    await done('stream create NAME-S --source NAME --subjects s.NAME --republish s.NAME=r.NAME');
    for (const copy of ['NAME-M', 'NAME-S']) {
      await eventually(`${copy} has all messages`, async () => {
        const info = (await okJson(`stream info ${copy}`)) as { state: { messages: number } };
        return info.state.messages === 5;
      });
    }
    expect(await ok('stream info NAME-M')).toMatch(
      new RegExp(`Mirror of\n +${name} +nothing left`),
    );
    expect(await ok('stream info NAME-S')).toMatch(/Settings\n +republish +s\.\w+ to r\.\w+\n/);
    expect(await done('stream create NAME-M --mirror NAME')).toContain('nothing to change');
    expect(await done('stream edit NAME-S --no-republish --yes')).toMatch(/republish .* –/);
  });
});

describe('stream purge', () => {
  test('of old messages counts and removes what was stored before a time', async () => {
    await withMessages();
    expect(await okJson('stream purge NAME --older-than 1h --dry-run')).toMatchObject({
      expected: 0,
    });
    expect(await okJson('stream purge NAME --before today --dry-run')).toMatchObject({
      expected: 0,
      seq: 1,
    });
    const { time } = await okJson('stream get NAME 3');
    const line = `stream purge NAME --subject NAME.a --before ${time as string}`;
    // Times in flags are exact to the millisecond, and messages may be of the same one.
    const looked = (await okJson(`${line} --dry-run`)) as { expected: number; before: string };
    expect(looked.before).toBe(new Date(time as string).toISOString());
    expect(looked.expected).toBeLessThanOrEqual(2);
    expect(await okJson(`${line} --yes`)).toMatchObject({ purged: looked.expected });
    expect(await okJson('stream purge NAME --older-than 0s --yes')).toMatchObject({
      purged: 5 - looked.expected,
    });
  });

  test('beyond the end says that the next sequence moves', async () => {
    await withMessages();
    const looked = await ok('stream purge NAME --seq 99 --dry-run');
    expect(looked).toContain('loss: the next message gets sequence 99 instead of 6\n');
    expect(await okJson('stream purge NAME --seq 99 --yes')).toMatchObject({
      purged: 5,
      next_seq: 99,
    });
    const ack = await connection.request(`${name}.a`, '6');
    expect(ack.json()).toMatchObject({ seq: 99 });
  });

  test('counts by a temporary consumer where the server does not count', async () => {
    await done('stream create NAME --subjects NAME.> --no-allow-direct');
    for (let n = 1; n <= 30; n += 1) await connection.request(`${name}.${n % 3}`, `${n}`);
    const looked = await okJson('stream purge NAME --subject NAME.1 --seq 20 --dry-run');
    expect(looked).toMatchObject({ expected: 7 });
    expect(await ok('consumer ls NAME')).toBe('The stream has no consumers.\n');
    expect(await okJson('stream purge NAME --subject NAME.1 --seq 20 --yes')).toMatchObject({
      purged: 7,
    });
  });

  test.each([
    ['', 5],
    ['--seq 3', 2],
    ['--seq 1', 0],
    ['--seq 0', 0],
    ['--seq 99', 5],
    ['--subject NAME.a --seq 1', 0],
    ['--keep 2', 3],
    ['--subject NAME.a', 4],
    ['--subject NAME.* --keep 1', 4],
    ['--subject NAME.nobody', 0],
    ['--subject NAME.a --seq 4', 3],
  ])('%s counts what goes before and after', async (flags, expected) => {
    await withMessages();
    const line = `stream purge NAME ${flags}`.trim();
    const looked = await natsx(`${line} --json`);
    expect(looked.code).toBe(2);
    expect(JSON.parse(looked.stdout)).toMatchObject({ action: 'would-purge', expected, purged: 0 });
    const purged = await okJson(`${line} --yes`);
    expect(purged).toMatchObject({ action: 'purged', messages: 5, expected, purged: expected });
  });

  test('counts right where messages were removed', async () => {
    await withMessages();
    await done('stream rm-msg NAME 2 --yes');
    const purged = await okJson('stream purge NAME --seq 4 --yes');
    expect(purged).toMatchObject({ expected: 2, purged: 2 });
  });

  test('--keep and --seq cannot be used together', async () => {
    expect(await failure('stream purge NAME --seq 3 --keep 1')).toMatchObject({ code: 2 });
  });

  test('a stream that denies it is exit code 8', async () => {
    await done('stream create NAME --subjects NAME.> --deny-purge');
    expect(await failure('stream purge NAME --yes')).toMatchObject({ code: 8, kind: 'rejected' });
  });
});

describe('stream get and rm-msg', () => {
  test('prints text, JSON with stream, seq and time, or the bytes alone', async () => {
    await done('stream create NAME --subjects NAME.>');
    const trace = headers();
    trace.set('Trace', 'x');
    await connection.request(`${name}.a`, '{"id":7}', { headers: trace, timeout: 5_000 });
    const text = await ok('stream get NAME 1');
    expect(text).toMatch(/^\[S\d+ 1\] 20\S+Z S\d+\.a\nTrace: x\n\n\{"id":7\}\n$/);
    expect(await okJson('stream get NAME 1')).toEqual({
      subject: `${name}.a`,
      headers: { Trace: ['x'] },
      payload: { id: 7 },
      size_bytes: 8,
      received_at: expect.stringMatching(/Z$/) as string,
      stream: name,
      seq: 1,
      time: expect.stringMatching(/Z$/) as string,
    });
    expect(await ok('stream get NAME 1 --raw')).toBe('{"id":7}');
  });

  test('the newest of a subject, and the first from a sequence on', async () => {
    await withMessages();
    expect(await ok('stream get NAME --last-for NAME.a --raw')).toBe('4');
    expect(await ok('stream get NAME --next NAME.b --raw')).toBe('5');
    expect(await ok('stream get NAME 2 --next NAME.> --raw')).toBe('2');
    expect(await failure('stream get NAME')).toMatchObject({ code: 2 });
    expect(await failure('stream get NAME 1 --last-for NAME.a')).toMatchObject({ code: 2 });
  });

  test('a sequence that is not there is exit code 7 with the range', async () => {
    await withMessages();
    const beyond = await failure('stream get NAME 99');
    expect(beyond).toMatchObject({ code: 7, stdout: '' });
    expect(beyond.message).toContain("the stream's sequences are 1 to 5");
    const looked = await natsx('stream rm-msg NAME 3');
    expect(looked.code).toBe(2);
    expect(looked.stdout).toContain(`would remove message 3 of ${name}: ${name}.a, 1 B`);
    expect(await okJson('stream rm-msg NAME 3 --yes')).toMatchObject({ action: 'removed', seq: 3 });
    expect((await failure('stream get NAME 3')).message).toContain('was deleted');
    expect(await failure('stream rm-msg NAME 3 --yes')).toMatchObject({ code: 7 });
  });
});
