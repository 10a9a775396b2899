import { worstSeverity } from '../../../core/findings/severity.js';
import type { BacklogReport, ConnectionFindings, ConsumerReport, StreamReport } from '../report.js';
import type { BacklogFinding } from '../rules/rule-types.js';
import type { PlacedMemory } from './memory-facts.js';

/** A report with findings of memory beside its own: each where it belongs, behind the verdict. */
export function withMemory(report: BacklogReport, memory: readonly PlacedMemory[]): BacklogReport {
  if (memory.length === 0) return { ...report, memory };
  const streams = report.streams.map((stream) => rememberedStream(stream, memory));
  const names = new Set(report.streams.map(({ name }) => name));
  const homeless = memory.filter(
    ({ stream, connection }) =>
      connection === undefined && !(stream !== undefined && names.has(stream)),
  );
  return {
    ...report,
    account: { findings: [...report.account.findings, ...homeless.map(({ finding }) => finding)] },
    streams,
    connections: rememberedConnections(report.connections, memory),
    memory,
  };
}

function rememberedStream(stream: StreamReport, memory: readonly PlacedMemory[]): StreamReport {
  const own = memory.filter((placed) => placed.stream === stream.name);
  if (own.length === 0) return stream;
  const known = new Set(stream.consumers.map(({ name }) => name));
  const ofStream = own.filter(({ consumer }) => consumer === undefined || !known.has(consumer));
  return {
    ...withFindings(stream, ofStream),
    consumers: stream.consumers.map((consumer): ConsumerReport =>
      withFindings(
        consumer,
        own.filter((placed) => placed.consumer === consumer.name),
      ),
    ),
  };
}

function rememberedConnections(
  connections: readonly ConnectionFindings[],
  memory: readonly PlacedMemory[],
): readonly ConnectionFindings[] {
  const byName = new Map<string, PlacedMemory[]>();
  for (const placed of memory) {
    if (placed.connection === undefined) continue;
    byName.set(placed.connection, [...(byName.get(placed.connection) ?? []), placed]);
  }
  const told = connections.map((connection) =>
    withFindings(connection, byName.get(connection.name) ?? []),
  );
  for (const { name } of connections) byName.delete(name);
  const others = [...byName].map(([name, own]) =>
    withFindings({ name, severity: 'ok', findings: [] } as const, own),
  );
  return [...told, ...others];
}

interface Found {
  readonly findings: readonly BacklogFinding[];
  readonly severity: StreamReport['severity'];
}

function withFindings<T extends Found>(found: T, memory: readonly PlacedMemory[]): T {
  if (memory.length === 0) return found;
  const findings = [...found.findings, ...memory.map(({ finding }) => finding)];
  const severity = worstSeverity([
    found.severity,
    ...memory.filter(isStillBad).map(({ finding }) => finding.severity),
  ]);
  return { ...found, findings, severity };
}

/** What was lost at once stays lost; what lasted and is over is no longer a reason to act. */
function isStillBad({ beganMs, endedMs }: PlacedMemory): boolean {
  return endedMs === undefined || endedMs === beganMs;
}
