import type { AuditReport } from './report.js';

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
