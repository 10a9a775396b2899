import { expect, it } from 'vitest';

import type { ConsumerConfig } from '../../../../src/streams/model/consumer-info.js';
import { notKeptBy } from '../../../../src/streams/model/not-kept.js';
import { StoredSubjects } from '../../../../src/streams/model/stored-subjects.js';
import type { StreamInfo } from '../../../../src/streams/model/stream-info.js';

const stored = new StoredSubjects();
for (const subject of ['s.a', 's.a', 's.b', 's.c']) stored.add('S', subject, 10);

function lost(consumers: readonly ConsumerConfig[], config: object = {}, count?: number) {
  const info = {
    config: { name: 'S', subjects: ['s.>'], retention: 'interest', ...config },
    state: { consumer_count: count ?? consumers.length },
  } as unknown as StreamInfo;
  return notKeptBy(info, consumers, stored.of('S'));
}

it('is everything without a consumer', () => {
  expect(lost([])).toEqual({ stream: 'S', subject: 's.a', subjects: 3, messages: 4, bytes: 40 });
});

it('is what no filter matches', () => {
  expect(lost([{ filter_subject: 's.a' }])).toMatchObject({ subject: 's.b', messages: 2 });
  expect(lost([{ filter_subjects: ['s.a', 's.b'] }])).toMatchObject({ subject: 's.c' });
});

it.each([
  ['a consumer without a filter', lost([{}])],
  ['another retention', lost([], { retention: 'limits' })],
  ["a consumer of the server's own", lost([], {}, 1)],
  ['subjects that are mapped', lost([{ filter_subject: 'x' }], { subject_transform: {} })],
])('is nothing, or not known, with %s', (_, result) => {
  expect(result).toBeUndefined();
});
