import { describe, expect, it } from 'vitest';

import type { Exchange, ReadingOutcome } from '../../../../src/core/message/reading.js';
import type { TallyRow } from '../../../../src/core/message/tally.js';
import { exchangeJson, exchangeText } from '../../../../src/messaging/view/exchange-text.js';
import { createMessageText } from '../../../../src/messaging/view/message-text.js';
import {
  queueShareJson,
  queueShareLine,
  queueShareText,
} from '../../../../src/messaging/view/queue-share.js';
import { createStyle } from '../../../../src/terminal/text/style.js';
import { readingSummary } from '../../../../src/messaging/view/sub-summary.js';
import {
  subjectReportJson,
  subjectReportText,
} from '../../../../src/messaging/view/subject-report.js';

const style = createStyle(false);
const outcome: ReadingOutcome = {
  end: 'stopped',
  messages: 1_000_000,
  bytes: 48_000_000,
  skipped: 0,
  dropped: 0,
  elapsedMs: 9000,
  activeMs: 700,
  gaps: 0,
  gapMs: 0,
  slowConsumerCuts: 0,
  connected: true,
  leftBehind: false,
};
const row = (name: string, messages: number): TallyRow => ({
  name,
  messages,
  bytes: messages * 100,
  messagesPerSecond: messages / 10,
});

describe('the summary', () => {
  it.each([
    [{}, '1,000,000 messages (45.8 MiB) in 700ms (1.43M msg/s, 65.4 MiB/s), none dropped'],
    [{ messages: 1, bytes: 5, activeMs: 0 }, '1 message (5 B) in 9s, none dropped'],
    [
      { messages: 0, bytes: 0, activeMs: 0, skipped: 1200, dropped: 7, gaps: 2, gapMs: 1500 },
      '0 messages (0 B) in 9s, 7 dropped, 1,200 filtered out, connection lost 2 times, for 1.5s',
    ],
    [
      { messages: 1, bytes: 5, gaps: 1, gapMs: 20, slowConsumerCuts: 1 },
      '1 message (5 B) in 9s, none dropped here, an unknown number by the server, connection lost once, for 20ms',
    ],
  ])('%j', (differing, text) => {
    expect(readingSummary({ ...outcome, ...differing })).toBe(text);
  });
});

describe('the report of subjects', () => {
  const report = {
    rows: [row('orders.new', 10), row('evil\u001b[2J', 20), row('x'.repeat(200), 5)],
    totals: { messages: 40, bytes: 4000, otherMessages: 5 },
  };

  it('has the busiest first, within the width, safe for a terminal', () => {
    expect(subjectReportText(report, { style, width: 60, top: 20 })).toMatchInlineSnapshot(`
      "Subject                            Messages  Msg/s     Bytes
      evil\\x1b[2J                              20      2  1.95 KiB
      orders.new                               10      1  0.98 KiB
      xxxxxxxxxxxxxxxx…xxxxxxxxxxxxxxxx         5    0.5     500 B
      40 messages, 3.91 KiB on 3 subjects, 5 messages on further subjects
      "
    `);
  });

  it('says what it leaves out', () => {
    const text = subjectReportText(report, { style, width: undefined, top: 1 });
    expect(text).toContain('on 3 subjects, the busiest 1 are shown');
    expect(text.split('\n')).toHaveLength(4);
  });

  it('is one document', () => {
    expect(subjectReportJson(report, outcome)).toMatchObject({
      subjects: [
        { subject: 'evil\u001b[2J', messages: 20, bytes: 2000, messages_per_s: 2 },
        { subject: 'orders.new' },
        {},
      ],
      messages_of_other_subjects: 5,
      messages: 40,
      bytes: 4000,
      dropped: 0,
      skipped: 0,
      elapsed_ms: 9000,
    });
  });
});

describe('the shares of a queue group', () => {
  const rows = [row('worker-1', 10), row('worker-2', 20), row('worker-3', 0)];

  it('as a table with bars', () => {
    expect(queueShareText(rows, { style, width: 80 })).toMatchInlineSnapshot(`
      "Member    Messages  Share                        Msg/s     Bytes
      worker-1        10  33.3%  ██████████                1  0.98 KiB
      worker-2        20  66.7%  ████████████████████      2  1.95 KiB
      worker-3         0     0%                            0       0 B
      "
    `);
  });

  it('as a line', () => {
    expect(queueShareLine(rows)).toBe('30 messages: worker-1 33.3%  worker-2 66.7%  worker-3 0%');
  });

  it('as a document', () => {
    expect(queueShareJson('q', rows, outcome)).toEqual({
      queue: 'q',
      members: [
        { member: 'worker-1', messages: 10, bytes: 1000, share: 0.333333, messages_per_s: 1 },
        { member: 'worker-2', messages: 20, bytes: 2000, share: 0.666667, messages_per_s: 2 },
        { member: 'worker-3', messages: 0, bytes: 0, share: 0, messages_per_s: 0 },
      ],
      messages: 30,
      dropped: 0,
      skipped: 0,
      elapsed_ms: 9000,
    });
  });
});

describe('exchanges', () => {
  const message = (subject: string, payload: string, reply?: string) => ({
    subject,
    payload: Buffer.from(payload),
    receivedAtMs: 0,
    reply,
  });
  const pair: Exchange = {
    request: message('svc', '?', '_INBOX.1'),
    count: 3,
    outcome: 'replied',
    reply: message('_INBOX.1', 'now'),
    latencyNs: 1_250_000,
    replyNumber: 1,
  };
  const look = {
    style,
    messageText: createMessageText({ style, pretty: false, timestamps: 'none', show: 'all' }),
  };
  const times = { sinceStartMs: 0, sincePreviousMs: 0 };

  it('a pair', () => {
    expect(exchangeText(pair, times, look)).toBe(
      '[#3] svc reply to _INBOX.1\n?\n\n[#3] _INBOX.1 reply after 1.25ms\nnow\n\n',
    );
  });

  it('a second reply comes without the request', () => {
    expect(exchangeText({ ...pair, replyNumber: 2 }, times, look)).toBe(
      '[#3] _INBOX.1 reply 2 after 1.25ms\nnow\n\n',
    );
  });

  it.each([
    ['no-reply', 'no reply'],
    ['no-responders', 'no responders'],
    ['reply-elsewhere', '--inbox-prefix'],
  ] as const)('%s', (kind, words) => {
    const text = exchangeText({ request: pair.request, count: 3, outcome: kind }, times, look);
    expect(text).toMatch(/^\[#3\] svc/);
    expect(text).toContain(words);
  });

  it('as JSON', () => {
    expect(JSON.parse(exchangeJson(pair))).toMatchObject({
      request: { subject: 'svc', payload: '?' },
      outcome: 'replied',
      reply: { payload: 'now' },
      reply_number: 1,
      latency_ns: 1_250_000,
    });
    const alone = exchangeJson({ request: pair.request, count: 1, outcome: 'no-reply' });
    expect(Object.keys(JSON.parse(alone) as object)).toEqual(['request', 'outcome']);
  });
});
