import { describe, expect, it } from 'vitest';
import type { Rule } from '../../../../src/core/findings/rule.js';
import { runRules } from '../../../../src/core/findings/run-rules.js';
import {
  compareSeverity,
  worstSeverity,
  type Severity,
} from '../../../../src/core/findings/severity.js';

function rule(id: string, severity: Severity, test: Rule<number>['test']): Rule<number> {
  return {
    id,
    severity,
    scope: 'number',
    meaning: '',
    signs: '',
    advice: '',
    test,
    remedy: (n) => [`halve ${String(n)}`],
  };
}
const always = () => ({ summary: 's', evidence: {} });

describe('running a rule table', () => {
  it('keeps the order of the table and puts alarms before notes', () => {
    const table = [
      rule('NOTE', 'info', always),
      rule('CAUSE', 'warning', always),
      rule('WORSE', 'critical', always),
      rule('NEVER', 'critical', () => undefined),
    ];
    expect(runRules(table, 7).map(({ id }) => id)).toEqual(['CAUSE', 'WORSE', 'NOTE']);
  });

  it('lets a match override the severity, and asks for remedies only then', () => {
    const [finding] = runRules(
      [rule('A', 'warning', () => ({ ...always(), severity: 'critical' }))],
      8,
    );
    expect(finding).toMatchObject({ severity: 'critical', remedy: ['halve 8'] });
  });
});

describe('severity', () => {
  it('ranks a doubt below an alarm and above a note', () => {
    const all: Severity[] = ['ok', 'unknown', 'critical', 'info', 'warning'];
    expect(all.toSorted(compareSeverity)).toEqual(['critical', 'warning', 'unknown', 'info', 'ok']);
    expect(worstSeverity(['ok', 'unknown', 'info'])).toBe('unknown');
    expect(worstSeverity([])).toBe('ok');
  });
});
