import { Gauge, Registry } from 'prom-client';

/** What a benchmark measures at this moment. */
export interface BenchFigures {
  readonly scenario: string;
  readonly sent: number;
  readonly received: number;
  readonly ratePerS: number;
  /** By quantile; without those that are not known. */
  readonly latencies: readonly { readonly quantile: string; readonly ns: number }[];
}

/** The figures as Prometheus metrics. */
export async function benchMetrics(
  figures: BenchFigures,
): Promise<{ readonly text: string; readonly contentType: string }> {
  const { scenario, sent, received, ratePerS, latencies } = figures;
  const registers = [new Registry()];
  const gauge = (name: string, help: string, value: number): void => {
    new Gauge({ name: `natsx_bench_${name}`, help, labelNames: ['scenario'], registers }).set(
      { scenario },
      value,
    );
  };
  gauge('sent_messages', 'Messages sent in this pass', sent);
  gauge('received_messages', 'Messages received in this pass', received);
  gauge('rate', 'Messages per second of the measured side', ratePerS);
  const latency = new Gauge({
    name: 'natsx_bench_latency_seconds',
    help: 'Latency by quantile, of the latest interval or of the whole run',
    labelNames: ['scenario', 'quantile'],
    registers,
  });
  for (const { quantile, ns } of latencies) latency.set({ scenario, quantile }, ns / 1e9);
  const [registry = new Registry()] = registers;
  return { text: await registry.metrics(), contentType: registry.contentType };
}
