import { NatsxError, usageError } from '../../../core/errors.js';
import type { PauseChange, ResumeChange, UnpinChange } from '../../model/consumer-change.js';
import { serverNowMs } from '../../model/stream-info.js';
import { formatDuration } from '../../../core/values/duration.js';
import { pauseConsumer, unpinConsumer } from '../api/consumer-control.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { changeOf, look, type ControlPort, type ControlTarget } from './control-target.js';
import { streamIfAllowed } from './other-consumers.js';

/**
 * Stops delivery for a while, or until a time.
 *
 * @throws {NatsxError} rejected — the server did not pause it, or is too old
 */
export async function pause(
  port: ControlPort,
  target: ControlTarget,
  until: Date,
): Promise<PauseChange> {
  const { api, info } = await look(port, target);
  if (target.apply) {
    const { paused } = await pauseConsumer(api, target, until);
    if (!paused) throw notTaken(target, 'did not pause');
  }
  return {
    ...changeOf('pause', target),
    losses: await expiryWhilePaused(api, target, until),
    until,
    nowMs: Date.now(),
    pending: info.num_pending,
    ackPending: info.num_ack_pending,
  };
}

/** A stream does not keep messages longer because a consumer is paused. */
async function expiryWhilePaused(
  api: JetStreamApi,
  { stream }: ControlTarget,
  until: Date,
): Promise<readonly string[]> {
  const found = await streamIfAllowed(api, stream);
  if (found === undefined) return [];
  const nowMs = serverNowMs(found, Date.now());
  const ageNs = found.config.max_age ?? 0;
  if (ageNs <= 0 || (until.getTime() - nowMs) * 1e6 <= ageNs) return [];
  return [
    `messages that get older than ${formatDuration(ageNs)} during the pause are removed before they are delivered`,
  ];
}

/** @throws {NatsxError} rejected — it is still paused, or the server is too old */
export async function resume(port: ControlPort, target: ControlTarget): Promise<ResumeChange> {
  const { api, info } = await look(port, target);
  if (target.apply) {
    const { paused } = await pauseConsumer(api, target, undefined);
    if (paused) throw notTaken(target, 'did not resume');
  }
  return {
    ...changeOf('resume', target),
    wasPaused: info.paused === true,
    pending: info.num_pending,
  };
}

function notTaken({ stream, consumer }: ControlTarget, what: string): NatsxError {
  return new NatsxError(
    'rejected',
    `the server ${what} the consumer "${consumer}" of "${stream}"`,
    {
      hint: `natsx consumer info ${stream} ${consumer} shows its state`,
    },
  );
}

/** @throws {NatsxError} rejected — no client is pinned; usage — several groups and none named */
export async function unpin(
  port: ControlPort,
  target: ControlTarget,
  group: string | undefined,
): Promise<UnpinChange> {
  const { api, info } = await look(port, target);
  const groups = info.priority_groups ?? [];
  const pinned = groups.filter(({ pinned_client_id: id = '' }) => id !== '');
  const wanted =
    group === undefined ? pinned : pinned.filter((candidate) => candidate.group === group);
  const [only] = wanted;
  if (only === undefined) {
    throw new NatsxError(
      'rejected',
      `no client is pinned on "${target.consumer}" of "${target.stream}"`,
    );
  }
  if (wanted.length > 1) {
    throw usageError(
      `clients are pinned in several groups: ${wanted.map((candidate) => candidate.group).join(', ')}`,
      'name one with --group',
    );
  }
  if (target.apply) await unpinConsumer(api, target, only.group);
  return {
    ...changeOf('unpin', target),
    group: only.group,
    pinnedClient: only.pinned_client_id ?? '',
  };
}
