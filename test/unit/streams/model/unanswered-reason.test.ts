import { expect, it } from 'vitest';

import type { StreamInfo } from '../../../../src/streams/model/stream-info.js';
import { unansweredReason } from '../../../../src/streams/model/unanswered-reason.js';

const NOW_MS = Date.parse('2026-01-01T00:00:10Z');

function reasonOf(
  config: object,
  about: { readonly cluster?: object; readonly lastTs?: string; readonly last?: number } = {},
): string {
  const { cluster, lastTs = '2026-01-01T00:00:00Z', last = 7 } = about;
  const info = {
    config: { name: 'S', ...config },
    state: { last_seq: last, last_ts: lastTs },
    ...(cluster !== undefined && { cluster }),
  } as unknown as StreamInfo;
  return unansweredReason({ type: 'stream', info, nowMs: NOW_MS }, 5_000).reason;
}

it.each([
  ['no_ack', reasonOf({ no_ack: true }), 'does not acknowledge'],
  ['no leader', reasonOf({}, { cluster: {} }), 'has no leader now'],
  [
    'nothing stored since',
    reasonOf({}, { cluster: { leader: 'n1' } }),
    'has not stored anything since',
  ],
  [
    'an empty stream',
    reasonOf({}, { last: 0, lastTs: '0001-01-01T00:00:00Z' }),
    'not stored anything',
  ],
  ['others are stored', reasonOf({}, { lastTs: '2026-01-01T00:00:08Z' }), 'stores messages'],
])('says of a stream without an answer: %s', (_, reason, part) => {
  expect(reason).toContain('the stream S');
  expect(reason).toContain(part);
});

it('says what could not be looked up', () => {
  expect(unansweredReason({ type: 'unknown', why: 'not permitted' }, 1).reason).toContain(
    'could not be looked up (not permitted)',
  );
  const unread = { type: 'unread-stream', name: 'S', why: 'not permitted' } as const;
  expect(unansweredReason(unread, 1).reason).toContain('the stream S stores it');
  expect(unansweredReason({ type: 'no-stream' }, 1).reason).toContain(
    'no stream stores this subject',
  );
});

it('advises more time only where the stream stores messages', () => {
  const infoAt = (lastTs: string) =>
    ({ config: { name: 'S' }, state: { last_seq: 1, last_ts: lastTs } }) as StreamInfo;
  const hintAt = (lastTs: string) =>
    unansweredReason({ type: 'stream', info: infoAt(lastTs), nowMs: NOW_MS }, 5_000).hint;
  expect(hintAt('2026-01-01T00:00:08Z')).toContain('use a longer --timeout');
  expect(hintAt('2026-01-01T00:00:00Z')).not.toContain('use a longer --timeout');
});
