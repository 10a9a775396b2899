import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PublishLedger } from '../../../../src/messaging/model/publish-ledger.js';
import { publishFailure } from '../../../../src/messaging/model/publish-result.js';
import { NatsxError, usageError } from '../../../../src/core/errors.js';

describe('the account of what was published', () => {
  it('a confirmation from before a break confirms nothing that was written off', () => {
    const ledger = new PublishLedger();
    for (let at = 0; at < 10; at++) ledger.add(2);
    ledger.confirm(4);
    ledger.writeOff();
    ledger.add(2);
    ledger.confirm(10);
    expect(ledger.totals).toEqual({
      sent: 11,
      payloadBytes: 22,
      confirmed: 4,
      refused: 0,
      unconfirmed: 6,
    });
    ledger.confirm(11);
    expect(ledger.totals).toMatchObject({ confirmed: 5, unconfirmed: 6 });
    expect(ledger.isOpen).toBe(false);
  });

  it('what the server refused is neither published nor in doubt', () => {
    const ledger = new PublishLedger();
    for (let at = 0; at < 5; at++) ledger.add(1);
    for (let at = 0; at < 3; at++) ledger.refuse();
    ledger.confirm(5);
    expect(ledger.totals).toMatchObject({ confirmed: 2, refused: 3, unconfirmed: 0 });
    ledger.add(1);
    ledger.add(1);
    ledger.refuse();
    ledger.writeOff();
    expect(ledger.totals).toMatchObject({ confirmed: 2, refused: 4, unconfirmed: 1 });
  });

  it('every message is on its way, confirmed or in doubt, and nothing is counted twice', () => {
    const step = fc.oneof(
      fc.constant('add' as const),
      fc.constant('break' as const),
      fc.constant('refuse' as const),
      fc.nat({ max: 40 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ledger = new PublishLedger();
        for (const one of steps) {
          if (one === 'add') ledger.add(1);
          else if (one === 'break') ledger.writeOff();
          else if (one === 'refuse') ledger.refuse();
          else ledger.confirm(Math.min(one, ledger.sent));
        }
        const { sent, confirmed, refused, unconfirmed } = ledger.totals;
        expect(confirmed + refused + unconfirmed).toBe(ledger.settled);
        expect(ledger.settled).toBeLessThanOrEqual(sent);
        ledger.writeOff();
        const { totals } = ledger;
        expect(totals.confirmed + totals.refused + totals.unconfirmed).toBe(sent);
      }),
    );
  });

  it('what is in doubt is a failure of its own, and part of any other', () => {
    const durationMs = 1;
    const totals = {
      sent: 5,
      payloadBytes: 5,
      confirmed: 3,
      refused: 0,
      unconfirmed: 2,
      durationMs,
    };
    expect(publishFailure({ ...totals, failure: undefined })).toMatchObject({
      kind: 'connection',
      message: expect.stringContaining('3 of 5 messages are confirmed') as string,
      details: { published: 3, unconfirmed: 2 },
    });
    const broken = publishFailure({ ...totals, unconfirmed: 0, failure: usageError('line 4') });
    expect(broken?.message).toBe('line 4; 3 messages were published before');
    const denied = new NatsxError('auth', 'not permitted');
    expect(
      publishFailure({ ...totals, unconfirmed: 0, refused: 2, failure: denied }),
    ).toMatchObject({
      message: 'not permitted; 3 messages were published before, 2 were refused',
      details: { published: 3, refused: 2 },
    });
    expect(
      publishFailure({ ...totals, confirmed: 5, unconfirmed: 0, failure: undefined }),
    ).toBeUndefined();
  });
});
