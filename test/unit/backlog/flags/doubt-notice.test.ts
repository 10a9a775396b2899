import { describe, expect, it } from 'vitest';
import { doubtNotice } from '../../../../src/backlog/flags/options.js';
import { diagnose } from '../../../../src/backlog/model/diagnose.js';
import { HOUR, still, windowOf, type Reading } from '../model/histories.js';

const told = (reading: Reading, level: 'warning' | 'critical' | undefined, missing = false) => {
  const window = windowOf({ readings: still(reading) });
  const detail = 'clients cannot be named';
  const absent = missing
    ? [{ kind: 'connections', what: 'connections', why: 'denied', detail } as const]
    : [];
  return doubtNotice(diagnose({ ...window, missing: absent }), { level, conditions: [] });
};

const LEFT_A_MOMENT_AGO = { P: 40, D: 10, deliveredAt: -5000 };
const LEFT_LONG_AGO = { P: 40, D: 10, deliveredAt: -HOUR };
const NOTHING_TO_DO = { D: 10, W: 1 };

describe('what --fail-on does not count', () => {
  it('is told, because exit code 0 would pass for health', () => {
    expect(told(LEFT_A_MOMENT_AGO, 'warning')).toContain('1 could not be determined');
    expect(told(NOTHING_TO_DO, 'critical', true)).toContain('not everything could be read');
  });

  it('is nothing to speak of where all is well, where it fails anyway, or where nobody asked', () => {
    expect(told(NOTHING_TO_DO, 'warning')).toBeUndefined();
    expect(told(LEFT_LONG_AGO, 'warning')).toBeUndefined();
    expect(told(LEFT_A_MOMENT_AGO, undefined)).toBeUndefined();
  });
});
