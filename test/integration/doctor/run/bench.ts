import { connect, type ConnectionOptions } from '@nats-io/transport-node';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { doctorReport, type DoctorRequest } from '../../../../src/doctor/run/doctor.js';
import type { AuditFinding, AuditReport } from '../../../../src/doctor/model/report.js';
import type { AuditId } from '../../../../src/doctor/model/doctor-id.js';
import type {
  Credentials,
  DialOptions,
  TlsMaterial,
} from '../../../../src/connection/model/dial.js';
import { connectClient } from '../../../../src/connection/connect.js';
import { patientManager } from '../../../support/patient-jetstream.js';

export interface Reach {
  readonly url: string;
  readonly credentials?: Credentials;
  readonly tls?: TlsMaterial;
}

export function dialFor({ url, credentials = {}, tls }: Reach): DialOptions {
  return {
    servers: [url],
    name: 'natsx doctor',
    credentials: () => credentials,
    tls,
    tlsFirst: false,
    inboxPrefix: '_INBOX',
    timeoutMs: 5000,
  };
}

export type Choices = Partial<Omit<DoctorRequest, 'terms' | 'dial'>> & {
  readonly ordered?: readonly string[];
  readonly retriesTakeMs?: number;
};

/** One audit as the command makes it. */
export async function examine(reach: Reach, choices: Choices = {}): Promise<AuditReport> {
  const dial = dialFor(reach);
  const policy = { waitForServerMs: 0, giveUpAfterMs: 5000, onEvent: () => undefined };
  const signal = new AbortController().signal;
  const client = await connectClient(dial, policy, signal);
  const { ordered = [], retriesTakeMs = 30_000, ...request } = choices;
  try {
    return await doctorReport(
      client,
      {
        streams: [],
        windowMs: 500,
        maxPerSecond: undefined,
        scope: { apiPrefix: '$JS.API', timeoutMs: 5000 },
        dial,
        system: undefined,
        monitors: [],
        terms: { choices: { ordered: new Set(ordered), retriesTakeMs }, ignored: new Set() },
        ...request,
      },
      signal,
    );
  } finally {
    await client.close();
  }
}

export function finding(report: AuditReport, id: AuditId): AuditFinding | undefined {
  return report.findings.find((one) => one.id === id);
}

/** What a reader of a failed test wants to see. */
export function told(report: AuditReport): readonly string[] {
  return report.findings.map(({ severity, id, summary }) => `${severity} ${id}: ${summary}`);
}

/** A client of the deployment's own, besides the one that audits. */
export async function manage(
  options: ConnectionOptions,
): Promise<{ readonly connection: NatsConnection; readonly manager: JetStreamManager }> {
  const connection = await connect({ name: 'app', reconnect: false, ...options });
  return { connection, manager: await patientManager(connection) };
}
