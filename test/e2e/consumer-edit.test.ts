import { expect, test } from 'vitest';

import { ownConsumers } from '../support/own-consumers.js';
import { requires } from '../support/server-version.js';

const own = ownConsumers();
const { natsx, okJson, failure } = own;

test('without --yes shows the differences and changes nothing: exit code 2', async () => {
  await okJson('consumer create ORDERS NAME --ack-wait 5s');
  const looked = await natsx('consumer edit ORDERS NAME --ack-wait 1m --description text');
  expect(looked.code).toBe(2);
  expect(looked.stdout).toMatch(/ack_wait +5s +1m/);
  expect(looked.stderr).toContain('--yes');
  const dry = await okJson('consumer edit ORDERS NAME --ack-wait 1m --dry-run');
  expect(dry).toMatchObject({ action: 'would-edit', config: { ack_wait: 5_000_000_000 } });
  expect(dry['changes']).toEqual([
    { key: 'ack_wait', before: 5_000_000_000, after: 60_000_000_000 },
  ]);
});

test('changes what flags name, and leaves the rest', async () => {
  await okJson('consumer create ORDERS NAME --max-ack-pending 7 --filter orders.a');
  const line =
    'consumer edit ORDERS NAME --ack-wait 1m --max-deliver 9 --filter orders.b --inactive-threshold 1h --max-batch 5 --headers-only --description text';
  expect(await okJson(`${line} --yes`)).toMatchObject({
    action: 'edited',
    stream: 'ORDERS',
    consumer: own.name,
    ignored: [],
    config: {
      ack_wait: 60_000_000_000,
      max_deliver: 9,
      filter_subject: 'orders.b',
      inactive_threshold: 3_600_000_000_000,
      max_batch: 5,
      headers_only: true,
      description: 'text',
      max_ack_pending: 7,
    },
  });
  expect(await okJson(`${line} --yes`)).toMatchObject({ action: 'unchanged', changes: [] });
  const back = 'consumer edit ORDERS NAME --no-headers-only --max-deliver unlimited --yes';
  expect(await okJson(back)).toMatchObject({
    config: { max_deliver: -1, ack_wait: 60_000_000_000 },
  });
});

test('a backoff brings its first wait along', async () => {
  await okJson('consumer create ORDERS NAME --max-deliver 5');
  const edited = await okJson('consumer edit ORDERS NAME --backoff 1s,2s --yes');
  expect(edited).toMatchObject({ ignored: [], config: { ack_wait: 1_000_000_000 } });
  expect(edited['changes']).toContainEqual({
    key: 'ack_wait',
    before: 30_000_000_000,
    after: 1_000_000_000,
  });
});

test('from a file; flags override', async () => {
  await okJson('consumer create ORDERS NAME --description text');
  const stdin = JSON.stringify({ description: null, max_ack_pending: 3, max_deliver: 4 });
  const edited = await okJson('consumer edit ORDERS NAME --config - --max-deliver 9 --yes', {
    stdin,
  });
  const config = edited['config'] as Record<string, unknown>;
  expect(config).toMatchObject({ max_ack_pending: 3, max_deliver: 9 });
  expect(config['description']).toBeUndefined();
});

test('from what consumer info prints', async () => {
  await okJson('consumer create ORDERS NAME');
  const printed = (await okJson('consumer info ORDERS NAME')) as {
    config: Record<string, unknown>;
  };
  const stdin = JSON.stringify({ ...printed, config: { ...printed.config, max_deliver: 4 } });
  const edited = await okJson('consumer edit ORDERS NAME --config - --yes', { stdin });
  expect(edited['changes']).toEqual([{ key: 'max_deliver', before: -1, after: 4 }]);
});

test('metadata is merged, and taken out by an empty value; several filters', async () => {
  await requires('2.10');
  await okJson('consumer create ORDERS NAME --metadata a=1 --metadata b=2');
  const line =
    'consumer edit ORDERS NAME --metadata a= --metadata c=3 --filter orders.a,orders.b --yes';
  const edited = await okJson(line);
  const { metadata, filter_subjects: filters } = edited['config'] as Record<string, unknown>;
  expect(metadata).toMatchObject({ b: '2', c: '3' });
  expect(metadata).not.toHaveProperty('a');
  expect(filters).toEqual(['orders.a', 'orders.b']);
  const one = await okJson('consumer edit ORDERS NAME --filter orders.c --yes');
  expect(one['config']).toMatchObject({ filter_subject: 'orders.c' });
  expect(one['config']).not.toHaveProperty('filter_subjects');
});

test('the deliver subject of a push consumer', async () => {
  await okJson('consumer create ORDERS NAME --push deliver.here');
  expect(await okJson('consumer edit ORDERS NAME --push deliver.there --yes')).toMatchObject({
    config: { deliver_subject: 'deliver.there' },
  });
});

test('what was fixed when it was created is exit code 2', async () => {
  await okJson('consumer create ORDERS NAME');
  const stdin = JSON.stringify({ ack_policy: 'all' });
  expect(await failure('consumer edit ORDERS NAME --config - --dry-run', { stdin })).toMatchObject({
    code: 2,
    message: expect.stringMatching(/^ack_policy of the consumer .* cannot be changed/) as string,
  });
});

test('nothing to change by, and nobody to change', async () => {
  expect(await failure('consumer edit ORDERS NAME --yes')).toMatchObject({ code: 2 });
  expect(await failure('consumer edit ORDERS NAME --ack-wait 1s --yes')).toMatchObject({
    code: 7,
  });
});
