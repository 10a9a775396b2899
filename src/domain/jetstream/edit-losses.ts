import { formatByteSize } from '../values/byte-size.js';
import { formatDuration } from '../values/duration.js';
import type { StreamConfig, StreamInfo } from './stream-info.js';

/**
 * What a stream would lose at once by narrower limits, in sentences without a full stop. A stream that
 * discards new messages keeps what it has, except for age.
 *
 * @param nowMs the server's clock, in milliseconds since the epoch
 */
export function editLosses(
  info: StreamInfo,
  wanted: StreamConfig,
  nowMs: number,
): readonly string[] {
  const { state, config } = info;
  if (state.messages === 0) return [];
  const losses: string[] = [];
  if (wanted.discard !== 'new') {
    const surplus = excess(state.messages, config.max_msgs, wanted.max_msgs);
    if (surplus > 0) losses.push(`the oldest ${surplus} of ${state.messages} messages go`);
    const surplusBytes = excess(state.bytes, config.max_bytes, wanted.max_bytes);
    if (surplusBytes > 0)
      losses.push(
        `the oldest messages go, ${formatByteSize(surplusBytes)} of ${formatByteSize(state.bytes)}`,
      );
    const perSubject = wanted.max_msgs_per_subject ?? -1;
    if (perSubject > 0 && isNarrower(config.max_msgs_per_subject, perSubject))
      losses.push(
        `of each subject only the newest ${perSubject === 1 ? 'message stays' : `${perSubject} messages stay`}`,
      );
  }
  const age = wanted.max_age ?? 0;
  const oldestNs = (nowMs - Date.parse(state.first_ts)) * 1e6;
  if (age > 0 && isNarrower(config.max_age, age) && oldestNs > age)
    losses.push(
      `messages older than ${formatDuration(age)} go; the oldest is ${formatDuration(oldestNs)} old`,
    );
  return losses;
}

function excess(held: number, before: number | undefined, after: number | undefined): number {
  const limit = after ?? -1;
  return limit > 0 && isNarrower(before, limit) ? Math.max(0, held - limit) : 0;
}

/** 0 and less is no limit. */
function isNarrower(before: number | undefined, after: number): boolean {
  return before === undefined || before <= 0 || after < before;
}
