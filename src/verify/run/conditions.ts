import type { StreamInfo } from '../../streams/model/stream-info.js';
import type { ConsumerConditions, VerifyConditions } from '../model/report.js';
import type { ServerInfo } from '../../wire/server-info.js';
import type { SendPlan } from './plan.js';
import { streamConditions } from './prepare-stream.js';

/** The parts of a run that its conditions are taken from. */
export interface RunFacts {
  readonly subject: string;
  readonly stream: StreamInfo | undefined;
  readonly consumer?: ConsumerConditions | undefined;
  readonly queues?: readonly string[];
  readonly subscribers?: number | undefined;
  readonly settleMs?: number | undefined;
  /** Absent if nothing was sent. */
  readonly sending?: SendPlan;
  readonly server: ServerInfo | undefined;
  /** Version of natsx. */
  readonly version: string;
}

/** The conditions for a report. */
export function runConditions(facts: RunFacts): VerifyConditions {
  const { subject, stream, consumer, queues = [], subscribers, settleMs, sending, server } = facts;
  return {
    subject,
    stream: stream === undefined ? undefined : streamConditions(stream),
    consumer,
    queues,
    ...sendingConditions(sending, stream !== undefined),
    subscribers,
    settleMs,
    server: { name: server?.server_name ?? '', version: server?.version ?? '' },
    natsx: facts.version,
  };
}

type SendingConditions = Pick<
  VerifyConditions,
  | 'publishers'
  | 'messages'
  | 'durationMs'
  | 'ratePerSecond'
  | 'sizeBytes'
  | 'window'
  | 'messageIds'
  | 'mode'
>;

function sendingConditions(plan: SendPlan | undefined, acknowledged: boolean): SendingConditions {
  return {
    publishers: plan?.publishers,
    messages: plan?.messages,
    durationMs: plan?.durationMs,
    ratePerSecond: plan?.ratePerSecond,
    sizeBytes: plan?.sizeBytes,
    window: acknowledged ? plan?.window : undefined,
    messageIds: acknowledged ? plan?.messageIds : undefined,
    mode: plan?.mode,
  };
}
