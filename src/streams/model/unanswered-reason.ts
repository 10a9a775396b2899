import { formatDurationMs } from '../../core/values/duration.js';
import type { StreamInfo } from './stream-info.js';

/** What could be found out about a message that no stream has acknowledged. */
export type Unanswered =
  /** JetStream could not be asked which stream takes it. */
  | { readonly type: 'unknown'; readonly why: string }
  | { readonly type: 'no-stream' }
  /** A stream takes it, and could not be looked at. */
  | { readonly type: 'unread-stream'; readonly name: string; readonly why: string }
  | { readonly type: 'stream'; readonly info: StreamInfo; readonly nowMs: number };

export interface Reason {
  readonly reason: string;
  readonly hint: string;
}

/** Why no acknowledgement came, as far as it is known. @param waitedMs for how long none came */
export function unansweredReason(found: Unanswered, waitedMs: number): Reason {
  switch (found.type) {
    case 'unknown':
      return {
        reason: `which stream takes it could not be looked up (${found.why})`,
        hint: 'ask with a user who may list streams: natsx stream ls; natsx stream info',
      };
    case 'no-stream':
      return {
        reason: 'no stream takes it; what listens on the subject does not acknowledge',
        hint: 'natsx stream create NAME --subjects creates one; without --jetstream no stream is needed',
      };
    case 'unread-stream':
      return {
        reason: `the stream ${found.name} takes it, but could not be looked at (${found.why})`,
        hint: `natsx stream info ${found.name} shows whether it has a leader`,
      };
    case 'stream':
      return streamReason(found.info, found.nowMs, waitedMs);
  }
}

function streamReason(
  { config, state, cluster }: StreamInfo,
  nowMs: number,
  waitedMs: number,
): Reason {
  const { name } = config;
  const look = `natsx stream info ${name}`;
  if (config.no_ack === true) {
    return {
      reason: `the stream ${name} gives no acknowledgements (no_ack)`,
      hint: 'publish to it without --jetstream; only its last sequence shows what it has stored',
    };
  }
  if (cluster !== undefined && (cluster.leader ?? '') === '') {
    return {
      reason: `the stream ${name} has no leader now`,
      hint: `${look} shows its replicas; --retry-for waits longer`,
    };
  }
  const last = `its last message is ${state.last_seq}`;
  const lastMs = state.last_seq === 0 ? -Infinity : Date.parse(state.last_ts);
  if (nowMs - lastMs >= waitedMs) {
    return {
      reason: `the stream ${name} answers questions, but has stored nothing since (${last})`,
      hint: 'its server may be unable to write, such as to a full disk: its log and /healthz say so, and natsx doctor --monitor URL asks it',
    };
  }
  const age = formatDurationMs(Math.max(0, Math.round(nowMs - lastMs)));
  return {
    reason: `the stream ${name} stores messages (${last}, ${age} ago), but its answers do not arrive in time`,
    hint: 'it may be slow: raise --timeout; or this user does not get its answers: see the permissions for its inbox',
  };
}
