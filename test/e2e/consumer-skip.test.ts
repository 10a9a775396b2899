import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { eventually } from '../support/eventually.js';
import { ownConsumers } from '../support/own-consumers.js';
import { requires } from '../support/server-version.js';

const own = ownConsumers();
const { natsx, okJson, failure } = own;
let admin: NatsConnection;
beforeAll(async () => {
  admin = await connect({ servers: own.url });
});
afterAll(() => admin.close());

async function stream(name: string, retention: string): Promise<void> {
  await okJson(`stream create ${name} --subjects ${name}.> --retention ${retention}`);
}

async function publish(count: number, subject: string): Promise<void> {
  for (let at = 0; at < count; at += 1) await admin.request(subject, 'x');
}

async function messages(name: string): Promise<number> {
  const { state } = await okJson(`stream info ${name}`);
  return (state as { messages: number }).messages;
}

test('beyond the end of the stream is exit code 8 with the range', async () => {
  await stream('END', 'limits');
  await okJson('consumer create END c');
  await publish(5, 'END.x');
  expect(await failure('consumer skip END c --to 7 --yes')).toMatchObject({
    code: 8,
    message: '"END" has no message 7 yet: the stream\'s sequences are 1 to 5',
    hint: expect.stringContaining('--to end') as string,
  });
  expect(await okJson('consumer info END c')).toMatchObject({ num_pending: 5 });
  // The last sequence and the next one are there, or about to be.
  expect(await okJson('consumer skip END c --to 6 --yes')).toMatchObject({
    applied: true,
    skipped: 5,
    skipped_is_exact: true,
  });
  await publish(3, 'END.x');
  expect(await okJson('consumer info END c')).toMatchObject({ num_pending: 3 });
  expect(await okJson('consumer skip END c --to end --yes')).toMatchObject({
    to_seq: 9,
    skipped: 3,
    skipped_is_exact: true,
  });
  expect(await okJson('consumer info END c')).toMatchObject({ num_pending: 0 });
  expect(await okJson('consumer skip END c --to 3 --yes')).toMatchObject({
    skipped: 0,
    delivered_again: 6,
  });
  expect((await natsx('consumer skip END c --to 5 --dry-run')).stdout).toContain(
    'would move the consumer c of END to sequence 5: 2 messages skipped',
  );
  expect((await natsx('consumer skip END c --to 1 --dry-run')).stdout).toContain(
    'would move the consumer c of END back to sequence 1: 2 messages delivered again',
  );
  const moved = await natsx('consumer skip END c --to new --yes');
  expect(moved).toMatchObject({ code: 0, stdout: '' });
  expect(moved.stderr).toContain('moved the consumer c of END to sequence 9: 6 messages skipped');
});

test('a time in the future is exit code 8, and moves nothing', async () => {
  await stream('LATER', 'limits');
  await okJson('consumer create LATER c');
  await publish(3, 'LATER.x');
  expect(await failure('consumer skip LATER c --to 2999-01-01T00:00:00Z --yes')).toMatchObject({
    code: 8,
    message: '"LATER" has no message of 2999-01-01T00:00:00.000Z yet: that time is in the future',
    hint: expect.stringContaining('--to end') as string,
  });
  expect(await okJson('consumer info LATER c')).toMatchObject({ num_pending: 3 });
});

test('what goes on an interest stream is counted before and after', async () => {
  await requires('2.14');
  await stream('KEPT', 'interest');
  await okJson('consumer create KEPT a');
  await okJson('consumer create KEPT b --filter KEPT.b');
  await publish(4, 'KEPT.a');
  await publish(3, 'KEPT.b');
  // Two of the three that b waits for are among the first six; which ones is not asked.
  const removes = { at_least: 3, at_most: 4 };
  const planned = await okJson('consumer skip KEPT a --to 7 --dry-run');
  expect(planned).toMatchObject({ skipped: 6, removes });
  expect(planned).not.toHaveProperty('removed');
  const done = await okJson('consumer skip KEPT a --to 7 --yes');
  expect(done).toMatchObject({ skipped: 6, removes, removed: 4 });
  expect(await messages('KEPT')).toBe(3);
  // Back again: nothing can go.
  const back = await okJson('consumer skip KEPT a --to 5 --yes');
  expect(back).toMatchObject({ losses: [] });
  expect(back).not.toHaveProperty('removes');
});

test('counts with the filter of the consumer, without direct access', async () => {
  await stream('FILTERED', 'limits');
  await okJson('consumer create FILTERED c --filter FILTERED.a.*');
  for (const subject of ['a.x', 'b', 'a.y', 'b', 'a.x', 'b'])
    await publish(1, `FILTERED.${subject}`);
  expect(await okJson('consumer skip FILTERED c --to 5 --dry-run')).toMatchObject({
    skipped: 2,
    skipped_is_exact: true,
    losses: [],
  });
  expect(await okJson('consumer info FILTERED c')).toMatchObject({ num_pending: 3 });
});

test.each(['0', '-1', '+5', '1.5', '1e3', '0x10', '', 'soon'])(
  '--to %j is exit code 2',
  async (to) => {
    await okJson('consumer create ORDERS NAME');
    const run = await natsx('consumer skip ORDERS NAME --yes --to VALUE'.replace('VALUE', to));
    expect(run.code).toBe(2);
  },
);

test('on a stream with interest retention, reports what goes', async () => {
  await requires('2.14');
  await stream('INTEREST', 'interest');
  await okJson('consumer create INTEREST c');
  await publish(5, 'INTEREST.x');
  const looked = await okJson('consumer skip INTEREST c --to 4 --dry-run');
  expect(looked['losses']).toEqual([
    '3 messages go: no other consumer of the stream waits for them',
  ]);
  await okJson('consumer skip INTEREST c --to 4 --yes');
  await eventually('they are gone', async () => (await messages('INTEREST')) === 2);
});

test('on a work queue, reports that they stay and no consumer gets them', async () => {
  await requires('2.14');
  await stream('QUEUE', 'workqueue');
  await okJson('consumer create QUEUE c');
  await publish(5, 'QUEUE.x');
  expect(await okJson('consumer skip QUEUE c --to 4 --yes')).toMatchObject({
    skipped: 3,
    losses: ['the skipped messages stay in the work queue, and no consumer gets them'],
  });
  expect(await messages('QUEUE')).toBe(5);
});

test('pausing until a time that is over is exit code 2', async () => {
  await okJson('consumer create ORDERS NAME');
  const until = '2020-01-01T00:00:00Z';
  expect(await failure(`consumer pause ORDERS NAME --yes --until ${until}`)).toMatchObject({
    code: 2,
    message: `--until: "${until}" is in the past`,
  });
  expect(await failure('consumer pause ORDERS NAME --yes --until 0s')).toMatchObject({ code: 2 });
  const missing = await failure('consumer pause ORDERS NAME --yes');
  expect(missing).toMatchObject({ code: 2, message: 'no end of the pause is given' });
});

test('a pause that is longer than messages live reports what it costs', async () => {
  await requires('2.11');
  await okJson('stream create SHORT --subjects SHORT.> --max-age 1m --duplicate-window 1m');
  await okJson('consumer create SHORT c');
  expect(await okJson('consumer pause SHORT c --until 1h --dry-run')).toMatchObject({
    losses: [expect.stringContaining('older than 1m')],
  });
  expect(await okJson('consumer pause SHORT c --until 30s --yes')).toMatchObject({ losses: [] });
});

test('a consumer that the server made for itself is never changed', async () => {
  await requires('2.14');
  await stream('ORIGIN', 'workqueue');
  const config = { name: 'COPY', sources: [{ name: 'ORIGIN' }], num_replicas: 1 };
  await admin.request('$JS.API.STREAM.CREATE.COPY', JSON.stringify(config));
  let name = '';
  await eventually('the server has made it', async () => {
    const run = await natsx('consumer ls ORIGIN --json');
    name = /"name":"(JS_SRC_[^"]+)"/.exec(run.stdout)?.[1] ?? '';
    return name !== '';
  });
  for (const line of [
    `consumer edit ORIGIN ${name} --max-deliver 5 --yes`,
    `consumer rm ORIGIN ${name} --yes`,
    `consumer rm ORIGIN ${name} --dry-run`,
    `consumer pause ORIGIN ${name} --until 1h --yes`,
    `consumer resume ORIGIN ${name} --yes`,
    `consumer skip ORIGIN ${name} --to end --yes`,
    `consumer unpin ORIGIN ${name} --yes`,
  ]) {
    expect(await failure(line)).toMatchObject({
      code: 8,
      message: `the consumer "${name}" of "ORIGIN" is internal to the server: it feeds the stream "COPY"`,
    });
  }
});
