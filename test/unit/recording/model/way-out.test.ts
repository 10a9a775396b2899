import { describe, expect, it } from 'vitest';

import { NatsxError, type ErrorKind } from '../../../../src/core/errors.js';
import { apiFailure } from '../../../../src/streams/model/api-failure.js';
import { wayOut } from '../../../../src/recording/model/way-out.js';

function refusal(err_code: number): NatsxError {
  return apiFailure({ code: 400, err_code, description: 'no' }, 'publishing to "a"');
}

describe('the way out of a replay that failed', () => {
  it.each(['connection', 'timeout', 'interrupted', 'no-responders'] as const)(
    'is --resume after %s, which passes',
    (kind) => {
      expect(wayOut(new NatsxError(kind, 'x'))).toBe('continue with --resume');
    },
  );

  it.each(['usage', 'auth', 'not-found', 'unhealthy'] as const satisfies readonly ErrorKind[])(
    'is not --resume after %s',
    (kind) => {
      expect(wayOut(new NatsxError(kind, 'x'))).toBeUndefined();
    },
  );

  it.each([10060, 10071, 10109, 10111, 10169, 10227, 19_999])(
    'does not promise that --resume helps against the refusal %d',
    (code) => {
      expect(wayOut(refusal(code))).not.toContain('--resume');
    },
  );

  it.each([10047, 10054, 10077, 10166])('says what to change before --resume after %d', (code) => {
    expect(wayOut(refusal(code))).toMatch(/.+(?:, then| and) continue with --resume/);
  });

  it('keeps a hint that is there', () => {
    expect(wayOut(new NatsxError('connection', 'x', { hint: 'y' }))).toBe('y');
  });
});
