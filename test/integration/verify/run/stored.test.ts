import { closeSync, openSync, readdirSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';

import type { ReceivePlan } from '../../../../src/verify/run/plan.js';
import { runReceive } from '../../../../src/verify/run/run-receive.js';
import { runSend } from '../../../../src/verify/run/run-send.js';
import type { VerifyReport } from '../../../../src/verify/model/report.js';
import { eventually } from '../../../support/eventually.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { patientClient } from '../../../support/patient-jetstream.js';
import { temporaryFolder } from '../../../support/shut-down.js';
import { CLEAN, managerOf, messageNumber, planOf, silent, targetOf } from './runs.js';

const never = new AbortController().signal;

async function connectTo(url: string): Promise<NatsConnection> {
  const connection = await connect({ servers: url });
  onTestFinished(() => connection.close());
  return connection;
}

describe('messages that a stream has no more', () => {
  const receivePlan = (differing: Partial<ReceivePlan>): ReceivePlan => ({
    ...planOf({ settleMs: 500 }),
    runId: undefined,
    idleMs: 2_000,
    ...differing,
  });

  async function sendWithLedger(url: string, messages: number, publishers = 1): Promise<string> {
    const ledger = join(temporaryFolder('ledger'), 'run.ledger');
    const plan = planOf({ stream: 'S', messages, publishers, ledger });
    const { report, failure } = await runSend(targetOf(url), plan, silent, never);
    expect(failure).toBeUndefined();
    expect(report.outcome).toMatchObject({ sent: messages, acknowledged: messages });
    return ledger;
  }

  it('are found by the ledger: all there, then some deleted, then purged', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const ledger = await sendWithLedger(server.url, 4_000, 2);
    const judged = async (): Promise<VerifyReport> =>
      (await runReceive(targetOf(server.url), receivePlan({ ledger }), silent, never)).report;
    expect((await judged()).outcome).toMatchObject({
      ...CLEAN,
      acknowledged: 4_000,
      delivered: 4_000,
    });
    for (const seq of [10, 11, 12, 500]) await manager.streams.deleteMessage('S', seq);
    expect((await judged()).outcome).toMatchObject({ lost: 4, delivered: 3_996 });
    await manager.streams.purge('S');
    const report = await judged();
    expect(report.outcome).toMatchObject({ lost: 4_000, delivered: 0 });
    expect(report.outcome.gaps).toMatchObject([
      { publisher: 1, from: 1, to: 2_000 },
      { publisher: 2, from: 1, to: 2_000 },
    ]);
    expect(report.verdict?.kept).toBe(false);
    expect((await manager.streams.info('S')).state.consumer_count).toBe(0);
  });

  it('are found in a work queue as well, and what waits there for workers stays', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    const retention = 'workqueue' as const;
    await manager.streams.add({ name: 'S', subjects: ['s.>'], retention });
    const ledger = await sendWithLedger(server.url, 300);
    await patientClient(await connectTo(server.url)).publish('s.other', 'of somebody else');
    await manager.streams.deleteMessage('S', 42);
    const plan = receivePlan({ ledger });
    const { report, failure } = await runReceive(targetOf(server.url), plan, silent, never);
    expect(failure).toBeUndefined();
    expect(report.outcome).toMatchObject({ acknowledged: 300, delivered: 299, lost: 1 });
    expect(report.outcome.gaps).toMatchObject([{ publisher: 1, from: 42, to: 42 }]);
    // The end mark and the message of somebody else.
    expect((await manager.streams.info('S')).state.messages).toBe(301);
  });

  /** Stops the server, does something to the newest file of the stream's messages, and starts it again. */
  async function spoilNewestBlock(server: NatsServer, spoil: (path: string) => void) {
    await server.stop();
    const blocks = join(server.storeFolder, 'jetstream/$G/streams/S/msgs');
    const newest = readdirSync(blocks)
      .filter((name) => name.endsWith('.blk'))
      .sort((one, other) => parseInt(one) - parseInt(other))
      .at(-1);
    spoil(join(blocks, newest ?? ''));
    await server.restart();
    const manager = await managerOf(server.url);
    return (await eventually('the stream is there', () => manager.streams.info('S'))).state;
  }

  /** Numbers that the client finds in the stream, in its own way. */
  async function storedNumbers(url: string, runId: string): Promise<ReadonlySet<number>> {
    const consumer = await patientClient(await connectTo(url)).consumers.get('S');
    const found = new Set<number>();
    if ((await consumer.info()).num_pending === 0) return found;
    // An old server may count more than it can deliver.
    for await (const message of await consumer.fetch({ max_messages: 25_000, expires: 20_000 })) {
      const number = messageNumber(runId, Buffer.from(message.data));
      if (number !== undefined) found.add(number);
      if (message.info.pending === 0) break;
    }
    return found;
  }

  function spoilAt(place: number): (path: string) => void {
    return (path) => {
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.alloc(500, 0xee), 0, 500, place);
      closeSync(file);
    };
  }

  it.each([
    ['was cut short by 20 kB', (path: string) => truncateSync(path, statSync(path).size - 20_000)],
    ['had bytes spoilt at its start', spoilAt(0)],
    ['had bytes spoilt near its start', spoilAt(100_000)],
  ])('are found after the newest block of a stopped server %s', async (_, spoil) => {
    const server = await startNatsServer({ jetstream: true });
    await (await managerOf(server.url)).streams.add({ name: 'S', subjects: ['s'] });
    const ledger = await sendWithLedger(server.url, 20_000);
    await spoilNewestBlock(server, spoil);
    const plan = receivePlan({ ledger, idleMs: 8_000 });
    const { report } = await runReceive(targetOf(server.url), plan, silent, never);
    const { outcome, verdict, runId } = report;
    const stored = await storedNumbers(server.url, runId);
    expect(outcome).toMatchObject({ acknowledged: 20_000, duplicated: 0, corrupted: 0 });
    expect(outcome.delivered).toBe(stored.size);
    expect(outcome.lost).toBe(20_000 - stored.size);
    expect(outcome.lost).toBeGreaterThan(50);
    const inGaps = outcome.gaps.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_none, index) => from + index),
    );
    expect(inGaps).toHaveLength(outcome.lost);
    expect(inGaps.filter((number) => stored.has(number))).toEqual([]);
    expect(verdict?.kept).toBe(false);
  });
});
