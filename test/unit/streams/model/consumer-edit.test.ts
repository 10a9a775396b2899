import { describe, expect, test } from 'vitest';

import { configChanges } from '../../../../src/streams/model/config-changes.js';
import { consumerDefaults } from '../../../../src/streams/model/consumer-config.js';
import { checkConsumerEdit, editedConsumer } from '../../../../src/streams/model/consumer-edit.js';
import type { ConsumerConfig } from '../../../../src/streams/model/consumer-info.js';
import type { JsonObject } from '../../../../src/core/message/exact-json.js';

const PULL: ConsumerConfig = {
  durable_name: 'w',
  name: 'w',
  deliver_policy: 'all',
  ack_policy: 'explicit',
  ack_wait: 30e9,
  max_deliver: -1,
  replay_policy: 'instant',
  max_waiting: 512,
  max_ack_pending: 1_000,
  num_replicas: 0,
};

function check(present: ConsumerConfig, file: JsonObject, flags: JsonObject = {}): ConsumerConfig {
  const wanted = editedConsumer('w', present, { flags, file });
  const changes = configChanges(present, wanted, { defaults: consumerDefaults(wanted) });
  checkConsumerEdit({ stream: 'S', consumer: 'w' }, { present, wanted }, changes);
  return wanted;
}

describe('what is fixed when a consumer is created', () => {
  test.each([
    [{ ack_policy: 'all' }, 'what is acknowledged is fixed when a consumer is created'],
    [{ deliver_policy: 'new' }, 'its start is fixed'],
    [{ opt_start_seq: 7 }, 'its start is fixed'],
    [{ replay_policy: 'original' }, 'the timing of its messages is fixed'],
    [{ max_waiting: 9 }, 'the number of waiting pull requests is fixed'],
    [{ mem_storage: true }, 'where its state is kept is fixed'],
    [{ deliver_subject: 'd' }, 'a pull consumer cannot become a push consumer'],
    [{ durable_name: 'other' }, 'the file is for the consumer "other"'],
    [{ max_delivers: 3 }, 'there is no setting "max_delivers"'],
    [{ backoff: [1e9, 2e9], max_deliver: 1 }, '2 waits of --backoff need more than 1 deliveries'],
    [{ deliver_group: 'g' }, 'deliver_group is for push consumers'],
  ])('%j cannot be asked for', (file, message) => {
    expect(() => check(PULL, file)).toThrow(message);
  });

  test('may be said once more', () => {
    expect(check(PULL, { ...PULL })).toEqual(PULL);
  });
});

test('what a server keeps and natsx would refuse is in the way of nothing', () => {
  const odd = { ...PULL, ack_policy: 'none', max_ack_pending: 5 };
  expect(check(odd, {}, { description: 'text' })).toEqual({ ...odd, description: 'text' });
});

test('a filter replaces the present ones, whichever key either uses', () => {
  const single = { ...PULL, filter_subject: 'a' };
  const several = { ...PULL, filter_subjects: ['a', 'b'] };
  expect(check(single, {}, { filter_subjects: ['b', 'c'] })).toEqual({
    ...PULL,
    filter_subjects: ['b', 'c'],
  });
  expect(check(several, {}, { filter_subject: 'c' })).toEqual({ ...PULL, filter_subject: 'c' });
  expect(check(several, { filter_subjects: ['c'] })).toEqual({ ...PULL, filter_subject: 'c' });
});

test('metadata is merged by name, and an empty value takes an entry out', () => {
  const present = { ...PULL, metadata: { a: '1', b: '2' } };
  const wanted = check(present, { metadata: { c: '3' } }, { metadata: { a: '' } });
  expect(wanted.metadata).toEqual({ b: '2', c: '3' });
});

test('the first wait of a backoff is the ack wait', () => {
  expect(check(PULL, { backoff: [1e9, 2e9] })).toMatchObject({ ack_wait: 1e9 });
});
