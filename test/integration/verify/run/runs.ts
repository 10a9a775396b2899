import { connect } from '@nats-io/transport-node';
import type { JetStreamManager } from '@nats-io/jetstream';
import { onTestFinished } from 'vitest';

import type { SessionTarget } from '../../../../src/wire/open-session.js';
import type { VerifyHooks, VerifyPlan } from '../../../../src/verify/run/plan.js';
import { runVerify } from '../../../../src/verify/run/run-verify.js';
import { EnvelopeReader } from '../../../../src/verify/model/envelope.js';
import type { VerifyReport } from '../../../../src/verify/model/report.js';
import { dialTo } from '../../wire/dialled.js';
import { patientManager } from '../../../support/patient-jetstream.js';

/** A plan of few messages, unless said otherwise. */
export function planOf(differing: Partial<VerifyPlan> = {}): VerifyPlan {
  return {
    runId: `t${Math.random().toString(36).slice(2, 10)}`,
    subject: undefined,
    stream: undefined,
    publishers: 1,
    messages: 5_000,
    durationMs: undefined,
    ratePerSecond: undefined,
    sizeBytes: 128,
    window: 500,
    messageIds: true,
    timeoutMs: 5_000,
    jetStream: { apiPrefix: '$JS.API', timeoutMs: 5_000 },
    ledger: undefined,
    useExisting: true,
    cleanUp: false,
    expectation: undefined,
    ordered: false,
    settleMs: 2_000,
    subscribers: 1,
    receiveSubject: undefined,
    queues: [],
    consumer: { kind: 'own', ackPolicy: 'explicit', ackWaitMs: 8_000, maxDeliver: -1 },
    ...differing,
  };
}

export function targetOf(...urls: readonly string[]): SessionTarget {
  const dial = { ...dialTo(urls[0] ?? ''), servers: urls };
  const policy = { waitForServerMs: 0, giveUpAfterMs: 90_000, onEvent: () => undefined };
  return { dial, policy, version: '0.0.0' };
}

export const silent: VerifyHooks = { ready: () => undefined, watch: () => undefined };

/** Calls `act` once, as soon as so many messages were sent. */
export function whenSent(count: number, act: () => unknown): VerifyHooks {
  return {
    ready: () => undefined,
    watch: (progress) => {
      const timer = setInterval(() => {
        if ((progress().sent ?? 0) < count) return;
        clearInterval(timer);
        void act();
      }, 1);
      onTestFinished(() => clearInterval(timer));
    },
  };
}

/** Runs to the end; fails when something kept it from being a proof. */
export async function verified(
  target: SessionTarget,
  plan: VerifyPlan,
  hooks: VerifyHooks = silent,
): Promise<VerifyReport> {
  const { report, failure } = await runVerify(target, plan, hooks, new AbortController().signal);
  if (failure !== undefined) throw failure;
  return report;
}

/** The number of a run's message in the payload of a frame; undefined for everything else. */
export function messageNumber(runId: string, payload: Buffer): number | undefined {
  const at = payload.indexOf('NXV1');
  if (at < 0) return undefined;
  const envelope = new EnvelopeReader(runId);
  if (envelope.read(payload, at, payload.length) !== 'whole') return undefined;
  return envelope.kind === 'message' ? envelope.number : undefined;
}

/** The client's own view of JetStream, independent of natsx. */
export async function managerOf(url: string): Promise<JetStreamManager> {
  const connection = await connect({ servers: url });
  onTestFinished(() => connection.close());
  return patientManager(connection);
}

/** Nothing was lost, doubled, spoilt or swapped. */
export const CLEAN = { lost: 0, duplicated: 0, outOfOrder: 0, corrupted: 0, copies: 0, gaps: [] };
