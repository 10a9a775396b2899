import type { ConsumerConfig, StreamConfig } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';

import type { FindingId } from '../../../../src/backlog/model/finding-id.js';
import type { Thresholds } from '../../../../src/backlog/model/thresholds.js';
import { eventually } from '../../../support/eventually.js';
import { patientClient } from '../../../support/patient-jetstream.js';
import type { Bench, Look } from './bench.js';

/** A situation on a real server, and what has to come out first. */
export interface Scenario {
  /** The server version that knows what it takes. */
  readonly since?: string;
  readonly stream?: Partial<StreamConfig>;
  readonly consumer?: Partial<ConsumerConfig> | null;
  readonly provoke: (bench: Bench) => Promise<void>;
  readonly request?: Parameters<Bench['look']>[0];
  readonly thresholds?: Partial<Thresholds>;
  readonly verdict: FindingId;
  /** What may stand first instead, where readings of a busy machine do not fit together: never a healthy verdict. */
  readonly or?: FindingId;
  /** Where the verdict is expected. */
  readonly of?: 'stream';
  readonly also?: (look: Look) => void;
}

/** Waits until the consumer's own numbers say that the scene is set. */
export function settled(
  bench: Bench,
  pattern: (info: {
    num_ack_pending: number;
    num_pending: number;
    num_waiting: number;
    num_redelivered: number;
  }) => boolean,
) {
  return eventually('the scene is set', async () =>
    pattern(await bench.manager.consumers.info(bench.stream, 'worker')),
  );
}

export async function fetchAndHang(bench: Bench, count: number, name = 'hanging'): Promise<void> {
  const consumer = await patientClient(await bench.client(name)).consumers.get(
    bench.stream,
    'worker',
  );
  const messages = await consumer.fetch({ max_messages: count, expires: 20_000 });
  let taken = 0;
  for await (const { seq } of messages) if (seq > 0 && ++taken === count) break;
}

/** Publishes a message with headers. */
export async function send(
  { manager, stream }: Bench,
  subject: string,
  lines: Readonly<Record<string, string>>,
): Promise<void> {
  const set = headers();
  for (const [key, value] of Object.entries(lines)) set.set(key, value);
  await manager.jetstream().publish(`${stream}.${subject}`, 'hello', { headers: set });
}

/** A schedule for that many milliseconds from now. */
export function scheduleIn(inMs: number): string {
  return `@at ${new Date(Date.now() + inMs).toISOString().replace(/\.\d+/, '')}`;
}
