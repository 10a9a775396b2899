import { describe, expect, it } from 'vitest';

import { publishProgress, publishSummary } from '../../../../src/messaging/view/publish-text.js';

const totals = { sent: 3, payloadBytes: 36, confirmed: 3, refused: 0, unconfirmed: 0 };

describe('what is told of publishing', () => {
  it('a summary, and what is in doubt', () => {
    const result = { ...totals, durationMs: 1, failure: undefined };
    expect(publishSummary(result)).toBe('published 3 messages, 36 B');
    expect(publishSummary({ ...result, confirmed: 1, unconfirmed: 2 })).toBe(
      'published 1 message, 36 B; 2 unconfirmed',
    );
  });

  it('progress with and without an end', () => {
    const half = { ...totals, sent: 1_000_000 };
    expect(publishProgress(half, 1_000, 2_000_000)).toBe(
      '██████████░░░░░░░░░░ 50% of 2,000,000 messages · 1,000,000 msg/s',
    );
    expect(publishProgress(half, 0, undefined)).toBe('published 1,000,000 messages · 0 msg/s');
    expect(publishProgress(half, 1_000, 2_000_000).length).toBeLessThan(80);
  });
});
