import { evidencePairs } from '../core/findings/evidence-text.js';
import type { Finding } from '../core/findings/finding.js';
import type { Severity } from '../core/findings/severity.js';
import type { PageFinding } from './document.js';
import type { Tone } from './tone.js';

const TONES: Readonly<Record<Severity, Tone>> = {
  critical: 'bad',
  warning: 'warn',
  unknown: 'unknown',
  info: 'info',
  ok: 'good',
};

export function toneOfSeverity(severity: Severity): Tone {
  return TONES[severity];
}

/** A finding with what it rests on and the commands that help. @param where on what it was found */
export function findingOnPage(finding: Finding, where: string): PageFinding {
  const { severity, id, summary, evidence, remedy } = finding;
  return {
    kind: 'finding',
    tone: toneOfSeverity(severity),
    word: severity,
    id,
    where,
    sentence: summary,
    evidence: evidencePairs(evidence),
    commands: remedy,
  };
}
