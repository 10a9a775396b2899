import { expect, test } from 'vitest';

import { requestFailure } from '../../../../src/messaging/model/request-outcome.js';
import { recordFailure } from '../../../../src/recording/model/record-outcome.js';
import { NatsxError } from '../../../../src/core/errors.js';
import { queueShareLine } from '../../../../src/messaging/view/queue-share.js';
import { recordSummary } from '../../../../src/recording/view/record-text.js';
import { requestsSummary } from '../../../../src/messaging/view/request-text.js';

const recorded = {
  end: 'stopped',
  stream: undefined,
  messages: 1,
  firstSeq: undefined,
  lastSeq: undefined,
  bytesWritten: 90,
  durationMs: 10,
  heals: 1,
  holes: 0,
  missing: [],
} as unknown as Parameters<typeof recordSummary>[0];

/** One of a thing is not several. */
test.each([
  [
    () => queueShareLine([{ name: 'w', messages: 1, bytes: 1, messagesPerSecond: 1 }]),
    /^1 message: /,
  ],
  [
    () =>
      requestsSummary({
        requests: 1,
        answered: 1,
        replies: 1,
        payloadBytes: 1,
        durationMs: 1,
        rttNs: undefined,
        failure: undefined,
        failed: 0,
      }),
    /^1 request, 1 answered/,
  ],
  [
    () =>
      requestFailure(
        { subject: 's', end: 'timeout', replies: 1, serviceError: undefined },
        { replies: 'all', untilEmpty: true, gapMs: undefined, timeoutMs: 100 },
      )?.message,
    /\(one other did\)/,
  ],
  [() => recordSummary(recorded, 'a.jsonl'), /connection was lost once/],
  [
    () => recordFailure({ ...recorded, failure: new NatsxError('connection', 'gone') })?.message,
    /^gone; 1 message was recorded before/,
  ],
])('%#', (say, wanted) => {
  expect(say()).toMatch(wanted);
});
