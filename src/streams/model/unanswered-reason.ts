import { formatDurationMs } from '../../core/values/duration.js';
import type { StreamInfo } from './stream-info.js';

/** Facts about a message that no stream has acknowledged. */
export type Unanswered =
  /** JetStream did not answer which stream stores the subject. */
  | { readonly type: 'unknown'; readonly why: string }
  | { readonly type: 'no-stream' }
  /** A stream stores the subject, but its state could not be read. */
  | { readonly type: 'unread-stream'; readonly name: string; readonly why: string }
  | { readonly type: 'stream'; readonly info: StreamInfo; readonly nowMs: number };

export interface Reason {
  readonly reason: string;
  readonly hint: string;
}

/** Why no acknowledgement arrived, as far as known. @param waitedMs how long none arrived */
export function unansweredReason(found: Unanswered, waitedMs: number): Reason {
  switch (found.type) {
    case 'unknown':
      return {
        reason: `the stream of the subject could not be looked up (${found.why})`,
        hint: 'use a user with permission to list streams: natsx stream ls; natsx stream info',
      };
    case 'no-stream':
      return {
        reason:
          'no stream stores this subject, and the client that listens on it does not acknowledge',
        hint: 'create a stream with natsx stream create NAME --subjects, or omit --jetstream',
      };
    case 'unread-stream':
      return {
        reason: `the stream ${found.name} stores it, but its state could not be read (${found.why})`,
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
      reason: `the stream ${name} does not acknowledge (no_ack)`,
      hint: 'publish without --jetstream; only its last sequence shows what is stored',
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
      reason: `the stream ${name} answers requests, but has not stored anything since (${last})`,
      hint: 'its server may be unable to write, for example because of a full disk: see its log and /healthz, or natsx doctor --monitor URL',
    };
  }
  const age = formatDurationMs(Math.max(0, Math.round(nowMs - lastMs)));
  return {
    reason: `the stream ${name} stores messages (${last}, ${age} ago), but its answers do not arrive in time`,
    hint: 'if it is slow, use a longer --timeout; or this user may not receive replies: check the permissions for the inbox',
  };
}
