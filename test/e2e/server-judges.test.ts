import { expect, test } from 'vitest';

import { ownConsumers } from '../support/own-consumers.js';
import { requires, serverIsAtLeast } from '../support/server-version.js';

const own = ownConsumers();
const { natsx, okJson, failure } = own;

test('filters that overlap while neither holds the other', async () => {
  await requires('2.10');
  const line = 'consumer create ORDERS NAME --filter orders.*.a --filter orders.a.*';
  if (await serverIsAtLeast('2.14')) {
    expect(await okJson(line)).toMatchObject({ action: 'created' });
    return;
  }
  expect(await failure(line)).toMatchObject({
    code: 8,
    hint: 'servers before 2.14 take only filters that have no subject in common',
  });
});

test('a filter that holds another is refused as on every server', async () => {
  const line = 'consumer create ORDERS NAME --filter orders.> --filter orders.a';
  expect(await failure(line)).toMatchObject({ code: 2, hint: 'leave out the narrower one' });
});

test.each([
  { ack_policy: 'none', ack_wait: 30_000_000_000 },
  { ack_policy: 'none', max_ack_pending: 5 },
  { ack_policy: 'none', backoff: [1_000_000_000, 2_000_000_000], max_deliver: 3 },
  { deliver_subject: 'deliver.here', max_batch: 5 },
  { deliver_group: 'workers' },
])('a file with %j, which servers take and print', async (config) => {
  const options = { stdin: JSON.stringify(config) };
  expect(await okJson('consumer create ORDERS NAME --config -', options)).toMatchObject({
    action: 'created',
    config,
  });
  const { config: printed } = await okJson('consumer info ORDERS NAME');
  const again = { stdin: JSON.stringify(printed) };
  expect(await okJson('consumer create ORDERS NAME --config -', again)).toMatchObject({
    action: 'unchanged',
  });
  const edit = { stdin: JSON.stringify({ config: printed }) };
  expect(
    await okJson('consumer edit ORDERS NAME --config - --description text --yes', edit),
  ).toMatchObject({ action: 'edited', ignored: [] });
});

test('a backoff as long as the deliveries, in a file', async () => {
  await requires('2.10');
  const options = {
    stdin: JSON.stringify({ backoff: [1_000_000_000, 2_000_000_000], max_deliver: 2 }),
  };
  expect(await okJson('consumer create ORDERS NAME --config -', options)).toMatchObject({
    action: 'created',
  });
});

test('the most consumers of a stream that exists', async () => {
  await okJson('stream create FEW --subjects few.>');
  const run = await natsx('stream edit FEW --max-consumers 5 --yes --json');
  if (await serverIsAtLeast('2.14')) {
    expect(JSON.parse(run.stdout)).toMatchObject({
      action: 'edited',
      config: { max_consumers: 5 },
    });
    return;
  }
  expect(run.code).toBe(8);
  expect(run.stderr).toContain('can not change MaxConsumers (10052)');
});

test('what stream info prints makes the same stream again, with its state and the notes of the server', async () => {
  await okJson('stream create ORIGINAL --subjects original.>');
  const printed = await okJson('stream info ORIGINAL');
  const { config } = printed as { config: Record<string, unknown> };
  const copy = { ...printed, config: { ...config, name: 'COPY', subjects: ['copy.>'] } };
  expect(
    await okJson('stream create COPY --config -', { stdin: JSON.stringify(copy) }),
  ).toMatchObject({ action: 'created', ignored: [] });
});
