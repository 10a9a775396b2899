import type { Severity } from '../../core/findings/severity.js';
import type { FindingId } from './finding-id.js';
import type { BacklogReport } from './report.js';

/** One gauge with a value for each set of labels; names follow Prometheus' custom: base units in the name. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const SEVERITY_VALUE: Readonly<Record<Severity, number>> = {
  ok: 0,
  info: 1,
  unknown: 2,
  warning: 3,
  critical: 4,
};

type ConsumerValue = readonly [
  name: string,
  help: string,
  value: (row: BacklogReport['streams'][number]['consumers'][number]) => number | undefined,
];

const CONSUMER_VALUES: readonly ConsumerValue[] = [
  ['backlog_messages', 'Messages pending and in flight', ({ facts }) => facts?.backlog],
  ['pending_messages', 'Messages never delivered', ({ facts }) => facts?.last.pending],
  [
    'in_flight_messages',
    'Messages delivered and not settled',
    ({ facts }) => facts?.last.ackPending,
  ],
  [
    'redelivered_messages',
    'Messages delivered more than once',
    ({ facts }) => facts?.last.redelivered,
  ],
  ['waiting_pulls', 'Waiting pull requests', ({ facts }) => facts?.last.waiting],
  [
    'oldest_age_seconds',
    'Age of the oldest unsettled message',
    ({ facts }) => (facts?.oldestAgeMs === undefined ? undefined : facts.oldestAgeMs / 1000),
  ],
  [
    'publish_rate',
    'Messages per second published into the filter',
    ({ facts }) => facts?.pace?.publishPerS,
  ],
  ['settle_rate', 'Messages per second that are settled', ({ facts }) => facts?.pace?.settlePerS],
  [
    'drain_seconds',
    'Seconds until the backlog is drained; absent while it does not drain',
    ({ facts }) => facts?.drain.etaS,
  ],
  [
    'loss_seconds',
    'Seconds until unread messages are discarded; absent if no limit would discard them',
    ({ facts }) => (facts?.loss === undefined ? undefined : facts.loss.inMs / 1000),
  ],
  [
    'severity',
    '0 ok, 1 info, 2 unknown, 3 warning, 4 critical',
    ({ severity }) => SEVERITY_VALUE[severity],
  ],
];

/** The report as gauges; a value that is not known has no sample, because 0 would be wrong. */
export function metricsOf(report: BacklogReport): readonly MetricFamily[] {
  const consumers = report.streams.flatMap((stream) => stream.consumers);
  const families = CONSUMER_VALUES.map(([name, help, valueOf]): MetricFamily => ({
    name: `natsx_consumer_${name}`,
    help,
    labels: ['stream', 'consumer'],
    samples: consumers.flatMap((row) => {
      const value = valueOf(row);
      if (value === undefined || !Number.isFinite(value)) return [];
      return [{ labels: { stream: row.stream, consumer: row.name }, value }];
    }),
  }));
  const verdicts: MetricFamily = {
    name: 'natsx_consumer_verdict',
    help: '1 for the current verdict of a consumer',
    labels: ['stream', 'consumer', 'verdict'],
    samples: consumers.map(({ stream, name, verdict }) => ({
      labels: { stream, consumer: name, verdict },
      value: 1,
    })),
  };
  return [
    ...families,
    verdicts,
    consumerFindings(report),
    streamVerdicts(report),
    accountFindings(report),
    connectionFindings(report),
    memoryTimes(report),
    connections(report),
    missing(report),
  ];
}

/** The verdict is the first of them; findings of earlier readings stand beside it. */
function consumerFindings({ streams }: BacklogReport): MetricFamily {
  return {
    name: 'natsx_consumer_finding',
    help: '1 for each finding on a consumer',
    labels: ['stream', 'consumer', 'finding', 'severity'],
    samples: streams.flatMap(({ consumers }) =>
      consumers.flatMap(({ stream, name, findings }) =>
        findings
          .filter(({ id }) => id !== 'OK')
          .map(({ id, severity }) => ({
            labels: { stream, consumer: name, finding: id satisfies FindingId, severity },
            value: 1,
          })),
      ),
    ),
  };
}

function memoryTimes({ memory = [] }: BacklogReport): MetricFamily {
  return {
    name: 'natsx_memory_finding_began_seconds',
    help: 'Unix time at which a finding of earlier readings began; the latest, where there are several',
    labels: ['stream', 'consumer', 'connection', 'finding', 'severity'],
    samples: memory.map(({ stream = '', consumer = '', connection = '', beganMs, finding }) => ({
      labels: {
        stream,
        consumer,
        connection,
        finding: finding.id satisfies FindingId,
        severity: finding.severity,
      },
      value: beganMs / 1000,
    })),
  };
}

function streamVerdicts({ streams }: BacklogReport): MetricFamily {
  return {
    name: 'natsx_stream_finding',
    help: '1 for each finding on a stream',
    labels: ['stream', 'finding', 'severity'],
    samples: streams.flatMap(({ name, findings }) =>
      findings.map(({ id, severity }) => ({
        labels: { stream: name, finding: id satisfies FindingId, severity },
        value: 1,
      })),
    ),
  };
}

function accountFindings({ account }: BacklogReport): MetricFamily {
  return {
    name: 'natsx_account_finding',
    help: '1 for each finding on the account',
    labels: ['finding', 'severity'],
    samples: account.findings.map(({ id, severity }) => ({
      labels: { finding: id satisfies FindingId, severity },
      value: 1,
    })),
  };
}

/** By name, not by address: a client that reconnects is the same one. */
function connectionFindings({ connections: rows }: BacklogReport): MetricFamily {
  return {
    name: 'natsx_connection_finding',
    help: '1 for each finding on a connection, open or closed',
    labels: ['connection', 'finding', 'severity'],
    samples: rows.flatMap(({ name, findings }) =>
      findings.map(({ id, severity }) => ({
        labels: { connection: name, finding: id satisfies FindingId, severity },
        value: 1,
      })),
    ),
  };
}

function connections({ connections: rows }: BacklogReport): MetricFamily {
  return {
    name: 'natsx_connection_pending_bytes',
    help: 'Bytes that a server has not yet been able to send to a client',
    labels: ['connection', 'server', 'address'],
    samples: rows.flatMap(({ name, open }) =>
      open === undefined
        ? []
        : [
            {
              labels: { connection: name, server: open.server, address: open.address },
              value: open.pendingBytes,
            },
          ],
    ),
  };
}

function missing(report: BacklogReport): MetricFamily {
  return {
    name: 'natsx_missing_answers',
    help: 'Requested data that could not be read',
    labels: [],
    samples: [{ labels: {}, value: report.missing.length }],
  };
}
