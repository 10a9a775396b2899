import type { NatsConnection } from '@nats-io/transport-node';

import { NatsxError, usageError } from '../../domain/errors.js';
import { API_CODE, apiCodeOf } from '../../domain/jetstream/api-failure.js';
import type { JetStreamScope } from '../../domain/jetstream/api-scope.js';
import type { ConsumerInfo } from '../../domain/jetstream/consumer-info.js';
import type { ConsumerChange } from '../../domain/jetstream/consumer-change.js';
import { countMessages, firstMessage } from '../../nats/backlog/messages.js';
import { openBacklogRequests } from '../../nats/backlog/requests.js';
import { consumerSample, streamSample } from '../../nats/backlog/samples.js';
import {
  canReset,
  pauseConsumer,
  resetConsumer,
  unpinConsumer,
} from '../../nats/jetstream/consumer-control.js';
import { openJetStreamApi, type JetStreamApi } from '../../nats/jetstream/jetstream-api.js';
import { createConsumer, deleteConsumer } from '../../nats/jetstream/jetstream-consumers.js';
import { readConsumer, readStream } from '../../nats/jetstream/jetstream-entities.js';

type Port = Pick<NatsConnection, 'request' | 'requestMany' | 'info'>;

export interface ControlTarget {
  readonly stream: string;
  readonly consumer: string;
  readonly scope: JetStreamScope;
  /** Whether it is done, or only said what would be. */
  readonly apply: boolean;
}

/** Stops delivery for a while, or until a time. */
export async function pause(
  port: Port,
  target: ControlTarget,
  until: Date,
): Promise<ConsumerChange> {
  const { api, info } = await look(port, target);
  if (target.apply) await pauseConsumer(api, target, until);
  return change('pause', target, {
    until: until.toISOString(),
    pending: info.num_pending,
    ack_pending: info.num_ack_pending,
  });
}

export async function resume(port: Port, target: ControlTarget): Promise<ConsumerChange> {
  const { api, info } = await look(port, target);
  if (target.apply) await pauseConsumer(api, target, undefined);
  const paused = (info as ConsumerInfo & { readonly paused?: boolean }).paused === true;
  return change('resume', target, { was_paused: paused, pending: info.num_pending });
}

interface PinnedInfo extends ConsumerInfo {
  readonly priority_groups?:
    readonly { readonly group: string; readonly pinned_client_id?: string }[] | null;
}

/** @throws {NatsxError} rejected — no client is pinned; usage — several groups and none named */
export async function unpin(
  port: Port,
  target: ControlTarget,
  group: string | undefined,
): Promise<ConsumerChange> {
  const { api, info } = await look(port, target);
  const groups = (info as PinnedInfo).priority_groups ?? [];
  const pinned = groups.filter(({ pinned_client_id: id = '' }) => id !== '');
  const wanted = group === undefined ? pinned : pinned.filter((one) => one.group === group);
  const [only] = wanted;
  if (only === undefined) {
    throw new NatsxError(
      'rejected',
      `no client is pinned on "${target.consumer}" of "${target.stream}"`,
    );
  }
  if (wanted.length > 1) {
    throw usageError(
      `clients are pinned in several groups: ${wanted.map((one) => one.group).join(', ')}`,
      'name one with --group',
    );
  }
  if (target.apply) await unpinConsumer(api, target, only.group);
  return change('unpin', target, {
    group: only.group,
    pinned_client_id: only.pinned_client_id ?? '',
  });
}

/**
 * Lets the consumer go on at a sequence or at a time; what lies before is not delivered. Newer servers move the
 * position; on older ones, and where its own start policy forbids the place, the consumer is recreated with the same
 * settings and another start.
 *
 * @throws {NatsxError} rejected — a work queue on an older server: there a consumer can only start at the beginning
 */
export async function skip(
  port: Port,
  target: ControlTarget,
  to: { readonly seq: number } | { readonly timeMs: number },
): Promise<ConsumerChange> {
  const { api, info } = await look(port, target);
  const requests = openBacklogRequests(port, target.scope, {
    signal: new AbortController().signal,
  });
  const stream = await readStream(api, target.stream);
  const sample = streamSample(stream, Date.now());
  const consumer = consumerSample(info, Date.now());
  const question = {
    stream: sample,
    apiPrefix: target.scope.apiPrefix,
    filters: consumer.config.filters,
  };
  const first = 'seq' in to ? undefined : await firstMessage(requests, { ...question, from: to });
  if (first === 'unreadable') {
    throw new NatsxError('rejected', 'the server is too old to look for a time (it needs 2.11)', {
      hint: 'give a sequence with --to',
    });
  }
  const seq = 'seq' in to ? to.seq : (first?.seq ?? sample.lastSeq + 1);
  const from = Math.max(consumer.ackFloor.streamSeq + 1, sample.firstSeq);
  const ahead = consumer.delivered.streamSeq + 1;
  const tails = await Promise.all(
    [from, seq, ahead].map((at) => countMessages(requests, { ...question, from: { seq: at } })),
  );
  const { skipped, exact } = skippedBy({ seq, from, ahead, inFlight: consumer.ackPending }, tails);
  const move = { info, seq, workqueue: sample.config.retention !== 'limits' };
  const moved = target.apply ? await moveTo(api, target, move) : mayMove(api, move);
  return change('skip', target, {
    to_seq: seq,
    skipped,
    skipped_is_exact: exact,
    in_flight: info.num_ack_pending,
    made_anew: !moved,
  });
}

interface Move {
  readonly seq: number;
  /** First sequence that is not settled. */
  readonly from: number;
  /** First sequence that was not delivered. */
  readonly ahead: number;
  readonly inFlight: number;
}

/**
 * What lies behind the floor and before the new position, without what was acknowledged out of order. Which those are is
 * not told, so that a position among them leaves it open.
 *
 * @param tails how many messages match at and after `from`, `seq` and `ahead`
 */
function skippedBy(
  { seq, from, ahead, inFlight }: Move,
  [unsettled, kept, undelivered]: readonly (number | 'unreadable')[],
): { readonly skipped: number; readonly exact: boolean } {
  if (
    typeof unsettled !== 'number' ||
    typeof kept !== 'number' ||
    typeof undelivered !== 'number'
  ) {
    return { skipped: Math.max(0, seq - from), exact: false };
  }
  const acknowledged = Math.max(0, unsettled - undelivered - inFlight);
  const isBeyond = seq >= ahead;
  return {
    skipped: Math.max(0, unsettled - kept - (isBeyond ? acknowledged : 0)),
    exact: acknowledged === 0 || isBeyond,
  };
}

interface MovedConsumer {
  readonly info: ConsumerInfo;
  readonly seq: number;
  readonly workqueue: boolean;
}

/** Servers move a consumer to where its own start policy could have let it begin, and nowhere else. */
function mayMove(api: JetStreamApi, { info, seq }: Pick<MovedConsumer, 'info' | 'seq'>): boolean {
  if (!canReset(api)) return false;
  const { deliver_policy: policy, opt_start_seq: start } = info.config;
  if (policy === 'by_start_sequence') return typeof start !== 'number' || seq >= start;
  return policy === undefined || policy === 'all' || policy === 'by_start_time';
}

/** @returns whether it was moved; else it was recreated */
async function moveTo(
  api: JetStreamApi,
  target: ControlTarget,
  move: MovedConsumer,
): Promise<boolean> {
  const { info, seq, workqueue } = move;
  if (mayMove(api, move)) {
    try {
      await resetConsumer(api, target, seq);
      return true;
    } catch (error) {
      if (apiCodeOf(error) !== API_CODE.resetRefused || workqueue) throw error;
    }
  }
  if (workqueue) {
    const old = !canReset(api);
    throw new NatsxError(
      'rejected',
      `the consumer "${target.consumer}" cannot skip: ${
        old
          ? 'on this kind of stream an older server lets consumers start only at the beginning'
          : `a server moves a consumer only to where its deliver policy lets it begin (${String(info.config.deliver_policy)}), and on this kind of stream recreating it would remove messages`
      }`,
      {
        hint: old
          ? 'remove the messages with natsx stream purge, or update the server to 2.14'
          : 'create another consumer with the start that is wanted before this one is removed',
      },
    );
  }
  const rest = Object.fromEntries(
    Object.entries(info.config).filter(([key]) => key !== 'opt_start_time'),
  );
  const config = {
    ...rest,
    name: info.name,
    deliver_policy: 'by_start_sequence',
    opt_start_seq: seq,
  };
  await deleteConsumer(api, target.stream, target.consumer);
  await createConsumer(api, target.stream, config);
  return false;
}

async function look(
  port: Port,
  { stream, consumer, scope }: ControlTarget,
): Promise<{ readonly api: JetStreamApi; readonly info: ConsumerInfo }> {
  const api = openJetStreamApi(port, scope);
  return { api, info: await readConsumer(api, stream, consumer) };
}

function change(
  action: ConsumerChange['action'],
  { stream, consumer, apply }: ControlTarget,
  details: ConsumerChange['details'],
): ConsumerChange {
  return { action, stream, consumer, applied: apply, details };
}
