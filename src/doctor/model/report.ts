import type { Missing } from '../../streams/model/snapshot.js';
import type { Finding } from '../../core/findings/finding.js';
import type { Severity } from '../../core/findings/severity.js';
import type { Area } from './audit-rule.js';
import type { AuditId } from './doctor-id.js';

/** What a finding was found on. */
export type AuditScope =
  | { readonly kind: 'account'; readonly account?: string | undefined }
  | { readonly kind: 'server' | 'connection'; readonly server: string }
  | { readonly kind: 'stream'; readonly stream: string }
  | { readonly kind: 'consumer'; readonly stream: string; readonly consumer: string };

/** A finding of the audit, with its place and the promise that it puts at risk. */
export interface AuditFinding extends Finding<AuditId> {
  readonly area: Area;
  readonly scope: AuditScope;
}

/** Something that could not be looked at, with the rules that were not run because of it. */
export interface MissingPart extends Missing {
  readonly rules: readonly AuditId[];
  /** How it can be had; absent when there is no way known. */
  readonly hint?: string | undefined;
}

/** What one audit found. */
export interface AuditReport {
  readonly atMs: number;
  readonly server: {
    readonly name: string;
    readonly version: string;
    readonly cluster: string | undefined;
  };
  readonly account: string | undefined;
  readonly looked: {
    readonly servers: number;
    readonly streams: number;
    readonly consumers: number;
    /** Undefined: connections could not be read. */
    readonly connections: number | undefined;
    readonly windowMs: number;
  };
  /** Worst first; among equals in the order of the areas. */
  readonly findings: readonly AuditFinding[];
  /** Findings left out because their id was to be ignored. */
  readonly ignored: number;
  readonly missing: readonly MissingPart[];
  /** The worst of all findings; `ok` for none. */
  readonly severity: Severity;
}

/** Severities that `--fail-on` knows, mildest first. */
export const FAIL_LEVELS = ['info', 'warning', 'critical'] as const;
export type FailLevel = (typeof FAIL_LEVELS)[number];

/** How many findings are at least that bad. */
export function countFrom(report: AuditReport, level: FailLevel): number {
  const bad: readonly Severity[] = FAIL_LEVELS.slice(FAIL_LEVELS.indexOf(level));
  return report.findings.filter(({ severity }) => bad.includes(severity)).length;
}

/** The report as `--json` prints it. Keys may be added; none is renamed or removed within a major version. */
export function auditJson(report: AuditReport): object {
  const { server, looked, findings, missing } = report;
  const counts = (severity: string): number =>
    findings.filter((finding) => finding.severity === severity).length;
  return {
    schema: 'natsx.doctor/1',
    at: new Date(report.atMs).toISOString(),
    server: { name: server.name, version: server.version, cluster: server.cluster ?? null },
    account: report.account ?? null,
    looked_at: {
      servers: looked.servers,
      streams: looked.streams,
      consumers: looked.consumers,
      connections: looked.connections ?? null,
      window_ms: Math.round(looked.windowMs),
    },
    severity: report.severity,
    counts: { critical: counts('critical'), warning: counts('warning'), info: counts('info') },
    findings: findings.map(({ id, severity, area, scope, summary, evidence, remedy }) => ({
      id,
      severity,
      area,
      scope,
      summary,
      evidence,
      remedy,
    })),
    ignored: report.ignored,
    missing: missing.map(({ what, why, detail, rules, hint }) => ({
      what,
      why,
      detail,
      rules,
      ...(hint === undefined ? {} : { hint }),
    })),
  };
}
