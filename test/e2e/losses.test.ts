import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { runCli, type CliResult } from '../support/run-cli.js';
import { requires } from '../support/server-version.js';

let server: NatsServer;
let admin: NatsConnection;
let count = 0;
let name = '';

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  admin = await connect({ servers: server.url });
});
afterAll(async () => {
  await admin.close();
  await server.stop();
});
beforeEach(() => {
  count += 1;
  name = `S${count}`;
});

function natsx(line: string): Promise<CliResult> {
  return runCli([...line.replaceAll('NAME', name).split(' '), '--server', server.url]);
}

interface Outcome {
  readonly action: string;
  readonly losses: readonly string[];
  readonly removes?: { readonly at_least: number; readonly at_most: number };
  readonly removed?: number;
}

async function ok(line: string): Promise<Outcome> {
  const run = await natsx(`${line} --json`);
  expect({ line, code: run.code, stderr: run.stderr }).toEqual({ line, code: 0, stderr: '' });
  return JSON.parse(run.stdout) as Outcome;
}

async function stream(flags = ''): Promise<void> {
  await ok(`stream create NAME --subjects NAME.> ${flags}`.trim());
}

async function publish(messages: number, subject: string): Promise<void> {
  for (let at = 0; at < messages; at += 1) await admin.request(`${name}.${subject}`, 'x');
}

async function stored(): Promise<number> {
  const run = await natsx('stream info NAME --json');
  return (JSON.parse(run.stdout) as { state: { messages: number } }).state.messages;
}

async function acknowledge(consumer: string, messages: number): Promise<void> {
  const reader = await jetstream(admin).consumers.get(name, consumer);
  for (let at = 0; at < messages; at += 1) await (await reader.next({ expires: 2_000 }))?.ackAck();
}

/** Looks, does it, and holds what was said against what went. */
async function lookAndDo(line: string): Promise<Outcome & { readonly went: number }> {
  const before = await stored();
  const looked = await ok(`${line} --dry-run`);
  expect(await stored()).toBe(before);
  const done = await ok(`${line} --yes`);
  expect(done.losses).toEqual(looked.losses);
  expect(done.removes).toEqual(looked.removes);
  const least = looked.removes?.at_least ?? 0;
  await eventually('what goes is gone', async () => before - (await stored()) >= least);
  const went = before - (await stored());
  expect(went).toBeLessThanOrEqual(looked.removes?.at_most ?? 0);
  return { ...done, went };
}

describe('consumer rm', () => {
  test('the only consumer of a stream with interest retention takes all messages along', async () => {
    await stream('--retention interest');
    await ok('consumer create NAME only');
    await publish(5, 'a');
    const done = await lookAndDo('consumer rm NAME only');
    expect(done.losses).toEqual(['5 messages go: no other consumer of the stream waits for them']);
    expect(done).toMatchObject({ went: 5, removed: 5, removes: { at_least: 5, at_most: 5 } });
    const text = await natsx('consumer rm NAME other --yes');
    expect(text.code).toBe(7);
  });

  test('what another consumer waits for stays', async () => {
    await stream('--retention interest');
    for (const consumer of ['c', 'd']) await ok(`consumer create NAME ${consumer}`);
    await publish(5, 'a');
    await acknowledge('d', 2);
    expect(await lookAndDo('consumer rm NAME c')).toMatchObject({ went: 2, removed: 2 });
  });

  test('nothing goes while others wait for everything', async () => {
    await stream('--retention interest');
    await ok('consumer create NAME c');
    await ok('consumer create NAME a --filter NAME.a');
    await ok('consumer create NAME b --filter NAME.b');
    await publish(3, 'a');
    await publish(2, 'b');
    expect(await lookAndDo('consumer rm NAME c')).toMatchObject({ went: 0, losses: [] });
    expect(await lookAndDo('consumer rm NAME a')).toMatchObject({ went: 3, removed: 3 });
  });

  test.each(['limits', 'workqueue'])('on a stream with %s retention they stay', async (kind) => {
    await stream(`--retention ${kind}`);
    await ok('consumer create NAME c');
    await publish(3, 'a');
    const text = await natsx('consumer rm NAME c --dry-run');
    expect(text.stdout).toContain('the messages stay');
    expect(await lookAndDo('consumer rm NAME c')).toMatchObject({ went: 0, losses: [] });
  });
});

describe('consumer edit', () => {
  test('a narrower filter on a stream with interest retention', async () => {
    await requires('2.10');
    await stream('--retention interest');
    await ok('consumer create NAME c --filter NAME.*');
    await publish(5, 'a');
    await publish(3, 'b');
    const done = await lookAndDo('consumer edit NAME c --filter NAME.a');
    expect(done).toMatchObject({ went: 3, removed: 3, removes: { at_least: 3, at_most: 3 } });
  });

  test.each([
    ['limits', 'the consumer no longer gets 3 messages that wait for it now'],
    ['workqueue', 'stay in the stream until another consumer takes them'],
  ])('a narrower filter on a stream with %s retention', async (kind, words) => {
    await stream(`--retention ${kind}`);
    await ok('consumer create NAME c --filter NAME.*');
    await publish(5, 'a');
    await publish(3, 'b');
    const done = await lookAndDo('consumer edit NAME c --filter NAME.a');
    expect(done.losses).toEqual([expect.stringContaining(words)]);
    expect(done.went).toBe(0);
  });

  test('fewer deliveries give up what had them', async () => {
    await stream();
    await ok('consumer create NAME c --ack-wait 200ms');
    await publish(3, 'a');
    const reader = await jetstream(admin).consumers.get(name, 'c');
    let deliveries = 0;
    while (deliveries < 6) {
      const message = await reader.next({ expires: 2_000 });
      deliveries = Math.max(deliveries, message?.info.deliverySequence ?? 0);
    }
    const { losses } = await ok('consumer edit NAME c --max-deliver 2 --dry-run');
    expect(losses).toEqual([
      expect.stringMatching(/^up to 3 messages were delivered 2 times or more: .* given up/),
    ]);
    expect((await ok('consumer edit NAME c --max-deliver 50 --dry-run')).losses).toEqual([]);
  });

  test('an ack wait that a backoff overrides is refused', async () => {
    await stream();
    await ok('consumer create NAME c --max-deliver 5 --backoff 1s,2s');
    const run = await natsx('consumer edit NAME c --ack-wait 8s --yes');
    expect(run.code).toBe(8);
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain('its backoff overrides it, and begins with 1s');
  });
});

describe('stream edit', () => {
  test('to interest retention without a consumer', async () => {
    await requires('2.14');
    await stream();
    await publish(5, 'a');
    const done = await lookAndDo('stream edit NAME --retention interest');
    expect(done).toMatchObject({ went: 5, removed: 5, removes: { at_least: 5, at_most: 5 } });
  });

  test('to interest retention, with a consumer that has some', async () => {
    await requires('2.10');
    await stream();
    await ok('consumer create NAME c --filter NAME.a');
    await publish(5, 'a');
    await publish(3, 'b');
    await acknowledge('c', 2);
    const done = await lookAndDo('stream edit NAME --retention interest');
    expect(done.losses[0]).toMatch(/^up to 5 messages go that no consumer waits for/);
    expect((await lookAndDo('stream edit NAME --retention limits')).losses).toEqual([]);
  });

  test('a limit of each subject', async () => {
    await requires('2.14');
    await stream();
    await publish(3, 'a');
    await publish(2, 'b');
    const done = await lookAndDo('stream edit NAME --max-msgs-per-subject 1');
    expect(done.losses).toEqual([
      'of each subject only the newest message stays: 3 of 5 messages go',
    ]);
    expect(done).toMatchObject({ went: 3, removed: 3 });
  });

  test.each([
    ['--max-msgs 2', 3],
    ['--max-bytes 80', 2],
  ])('%s: at once when old messages give way, later when new ones do', async (limit, least) => {
    await requires('2.10');
    await stream('--discard new');
    await publish(5, 'a');
    expect(await lookAndDo(`stream edit NAME ${limit}`)).toMatchObject({ went: 0, losses: [] });
    const done = await lookAndDo('stream edit NAME --discard old');
    expect(done.losses).toHaveLength(1);
    expect(done.went).toBeGreaterThanOrEqual(least);
    expect(done.removed).toBe(done.went);
  });

  test('an age that messages have outlived is counted', async () => {
    await stream();
    await publish(4, 'a');
    await eventually('they are older', async () => {
      const { losses } = await ok('stream edit NAME --max-age 1s --duplicate-window 1s --dry-run');
      return losses.some((loss) => loss.startsWith('messages older than 1s go (4 of 4)'));
    });
  });

  test('subjects that are given up, ids that are forgotten, and what cannot be undone', async () => {
    await stream();
    await publish(2, 'a');
    const done = await lookAndDo(
      'stream edit NAME --subjects NAME.b --duplicate-window 1m --deny-purge',
    );
    expect(done.losses).toEqual([
      `the stream no longer stores messages of ${name}.>; 2 messages of them stay`,
      'message ids older than 1m are forgotten: repeats of such messages are stored again',
      'clients can never purge the stream again',
    ]);
    expect(done.went).toBe(0);
  });
});
