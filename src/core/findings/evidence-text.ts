import type { Evidence, EvidenceValue } from './finding.js';

/** `key=value` pairs, without unknown values. */
export function evidencePairs(evidence: Evidence): readonly string[] {
  return Object.entries(evidence).flatMap(([key, value]) => {
    const text = evidenceText(value);
    return text === '' ? [] : [`${key}=${text}`];
  });
}

function evidenceText(value: EvidenceValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  if (typeof value !== 'object') return String(value);
  return value.length === 0 ? '' : JSON.stringify(value);
}
