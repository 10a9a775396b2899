import { describe, expect, it } from 'vitest';

import {
  consumerDocuments,
  streamDocuments,
} from '../../../../src/streams/model/config-document.js';
import { sortedSubjects } from '../../../../src/streams/model/subject-counts.js';

describe('the streams in a file', () => {
  it('are one configuration, a list, or what stream info prints', () => {
    const bare = { name: 'A', subjects: ['a'] };
    const printed = { config: { name: 'B' }, state: { messages: 1 } };
    expect(streamDocuments(bare, 'stdin')).toEqual([{ name: 'A', file: bare }]);
    expect(streamDocuments([bare, printed], 'stdin')).toEqual([
      { name: 'A', file: bare },
      { name: 'B', file: printed },
    ]);
  });

  it.each([
    [[], /empty list/],
    [7, /not a configuration/],
    [[{ name: 'A' }, { subjects: ['a'] }], /name of the stream is missing in configuration 2/],
    [{ name: 'a.b' }, /a\.b/],
  ])('%j is refused', (value, message) => {
    expect(() => streamDocuments(value, 'stdin')).toThrow(message);
  });
});

describe('the consumers in a file', () => {
  it('belong to the stream of --stream, or to the one that they name', () => {
    const printed = { stream_name: 'S', config: { durable_name: 'c' } };
    expect(consumerDocuments([printed, { name: 'd' }], 'stdin', 'T')).toEqual([
      { name: 'c', stream: 'T', file: { config: { durable_name: 'c' } } },
      { name: 'd', stream: 'T', file: { name: 'd' } },
    ]);
    expect(consumerDocuments(printed, 'stdin', undefined)).toMatchObject([{ stream: 'S' }]);
    expect(() => consumerDocuments({ name: 'd' }, 'stdin', undefined)).toThrow(
      /stream of the consumer is missing in configuration 1 of stdin/,
    );
    expect(() => consumerDocuments({}, 'stdin', 'T')).toThrow(/name of the consumer is missing/);
  });
});

describe('subjects', () => {
  const counts = new Map([
    ['b', 2],
    ['a', 2],
    ['c', 9],
  ]);

  it('are sorted by messages, then by name; the totals are of all', () => {
    expect(sortedSubjects(counts, { sort: 'messages', top: 2 })).toEqual({
      subjectCount: 3,
      messages: 13,
      subjects: [
        { subject: 'c', messages: 9 },
        { subject: 'a', messages: 2 },
      ],
    });
    const { subjects } = sortedSubjects(counts, { sort: 'name' });
    expect(subjects.map(({ subject }) => subject)).toEqual(['a', 'b', 'c']);
  });
});
