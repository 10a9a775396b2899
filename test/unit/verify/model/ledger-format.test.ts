import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  ledgerEndLine,
  ledgerEntryLine,
  ledgerHeadLine,
  LedgerParser,
  type Ledger,
} from '../../../../src/verify/model/ledger-format.js';
import { NumberSet } from '../../../../src/verify/model/number-set.js';

const head = {
  runId: 'r1',
  startedAtMs: Date.UTC(2026, 10, 22),
  subject: 'orders.new',
  stream: 'ORDERS',
  publishers: 2,
  confirmation: 'acknowledged',
} as const;

function parse(text: string): Ledger {
  const parser = new LedgerParser('run.ledger');
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  for (const line of lines) parser.line(line);
  if (rest !== '') parser.line(rest, true);
  return parser.finish();
}

const entry = ledgerEntryLine({
  atMs: 7_000,
  publisher: 2,
  sent: { from: 1, to: 500 },
  acknowledged: [
    { from: 1, to: 90 },
    { from: 92, to: 400 },
  ],
});

describe('a ledger', () => {
  it('is compact and readable', () => {
    expect(ledgerHeadLine(head)).toBe(
      '{"schema":"natsx.verify.ledger/1","run_id":"r1","started_at":"2026-11-22T00:00:00.000Z","subject":"orders.new","stream":"ORDERS","publishers":2,"confirmation":"acknowledged"}\n',
    );
    expect(entry).toBe('{"at":7000,"p":2,"sent":[1,500],"acked":[[1,90],[92,400]]}\n');
  });

  it('comes back as it was written', () => {
    const { head: read, accounts, closed } = parse(ledgerHeadLine(head) + entry + ledgerEndLine(9));
    expect(read).toEqual(head);
    expect(closed).toBe(true);
    expect(accounts.map(({ sent }) => sent)).toEqual([0, 500]);
    expect(accounts[1]?.acknowledged.size).toBe(399);
    expect(accounts[1]?.inDoubt()).toEqual([
      { from: 91, to: 91 },
      { from: 401, to: 500 },
    ]);
  });

  it('survives a cut at any place behind its head, and never tells more than was written', () => {
    const whole = ledgerHeadLine(head) + entry + entry.replace('500', '900') + ledgerEndLine(9);
    const start = ledgerHeadLine(head).length;
    fc.assert(
      fc.property(fc.integer({ min: start, max: whole.length }), (cut) => {
        const { accounts } = parse(whole.slice(0, cut));
        expect([0, 500, 900]).toContain(accounts[1]?.sent);
        const all = new NumberSet();
        all.addRange({ from: 1, to: 900 });
        expect([...(accounts[1]?.acknowledged.missingFrom(all) ?? [])]).toEqual([]);
      }),
    );
  });

  it.each([
    ['', /is empty/],
    ['hello\n', /line 1 of the ledger run.ledger is not JSON/],
    [ledgerHeadLine(head).slice(0, 60), /is cut off in its first line/],
    ['{"sch', /is cut off in its first line/],
    ['[]\n', /line 1 .* is not a JSON object/],
    ['{"schema":5}\n', /is not a ledger of natsx verify/],
    ['{"subject":"a"}\n', /is not a ledger of natsx verify/],
    [
      ledgerHeadLine(head).replace('ledger/1', 'ledger/2'),
      /version 2, but this natsx reads up to 1/,
    ],
    [`${ledgerHeadLine(head)}{"at":1,"p":1,\n${entry}`, /line 2 .* is not JSON/],
    [ledgerHeadLine(head).replace('"r1"', '5'), /line 1 .* does not name its run/],
    [ledgerHeadLine(head).replace('2026-11-22T', ''), /line 1 .* does not name its run/],
    [ledgerHeadLine(head).replace('acknowledged', 'x'), /line 1 .* what confirmed its messages/],
    [
      ledgerHeadLine(head).replace('"publishers":2', '"publishers":1e9'),
      /does not name any publishers/,
    ],
    [`${ledgerHeadLine(head)}{"at":1,"p":1,"sent":5}\n`, /line 2 .* not have a valid range/],
    [`${ledgerHeadLine(head)}{"at":1,"p":1,"acked":5}\n`, /line 2 .* not have a valid range/],
    [`${ledgerHeadLine(head)}{"at":1,"p":1,"acked":[5]}\n`, /line 2 .* not have a valid range/],
    [`${ledgerHeadLine(head)}{"at":"x","p":1,"sent":[1,2]}\n`, /line 2 .* does not have a time/],
    [
      `${ledgerHeadLine(head)}{"at":1,"p":3,"sent":[1,2]}\n`,
      /line 2 .* not name a publisher of the run/,
    ],
    [`${ledgerHeadLine(head)}{"at":1,"p":1,"sent":[5,2]}\n`, /line 2 .* not have a valid range/],
  ])('that is broken says where: %j', (text, expected) => {
    expect(() => parse(text)).toThrow(expected);
  });
});
