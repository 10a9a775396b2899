import { Gauge, Registry } from 'prom-client';

import { metricsOf } from '../model/metrics.js';
import type { BacklogReport } from '../model/report.js';

/** The report as Prometheus metrics. */
export async function metricsText(
  report: BacklogReport,
): Promise<{ readonly text: string; readonly contentType: string }> {
  const registry = new Registry();
  for (const { name, help, labels, samples } of metricsOf(report)) {
    const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
    for (const sample of samples) gauge.set(sample.labels, sample.value);
  }
  return { text: await registry.metrics(), contentType: registry.contentType };
}
