import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PublishLedger } from '../../../../src/domain/message/publish-ledger.js';
import { publishFailure } from '../../../../src/domain/message/publish-result.js';
import { usageError } from '../../../../src/domain/errors.js';

describe('the account of what was published', () => {
  it('a confirmation from before a break confirms nothing that was written off', () => {
    const ledger = new PublishLedger();
    for (let at = 0; at < 10; at++) ledger.add(2);
    ledger.confirm(4);
    ledger.writeOff();
    ledger.add(2);
    ledger.confirm(10);
    expect(ledger.totals).toEqual({ sent: 11, payloadBytes: 22, confirmed: 4, unconfirmed: 6 });
    ledger.confirm(11);
    expect(ledger.totals).toMatchObject({ confirmed: 5, unconfirmed: 6 });
    expect(ledger.isOpen).toBe(false);
  });

  it('every message is on its way, confirmed or in doubt, and nothing is counted twice', () => {
    const step = fc.oneof(
      fc.constant('add' as const),
      fc.constant('break' as const),
      fc.nat({ max: 40 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ledger = new PublishLedger();
        for (const one of steps) {
          if (one === 'add') ledger.add(1);
          else if (one === 'break') ledger.writeOff();
          else ledger.confirm(Math.min(one, ledger.sent));
        }
        const { sent, confirmed, unconfirmed } = ledger.totals;
        expect(confirmed + unconfirmed).toBe(ledger.settled);
        expect(ledger.settled).toBeLessThanOrEqual(sent);
        ledger.writeOff();
        expect(ledger.totals.confirmed + ledger.totals.unconfirmed).toBe(sent);
      }),
    );
  });

  it('what is in doubt is a failure of its own, and part of any other', () => {
    const totals = { sent: 5, payloadBytes: 5, confirmed: 3, unconfirmed: 2, durationMs: 1 };
    expect(publishFailure({ ...totals, failure: undefined })).toMatchObject({
      kind: 'connection',
      message: expect.stringContaining('3 of 5 messages are confirmed') as string,
      details: { published: 3, unconfirmed: 2 },
    });
    const broken = publishFailure({ ...totals, unconfirmed: 0, failure: usageError('line 4') });
    expect(broken?.message).toBe('line 4; 3 messages were published before it');
    expect(
      publishFailure({ ...totals, confirmed: 5, unconfirmed: 0, failure: undefined }),
    ).toBeUndefined();
  });
});
