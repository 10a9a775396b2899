import type { PurgeChoice } from './stored-message.js';
import type { StreamState } from './stream-info.js';

/**
 * How many messages a purge would take, where that can be known.
 *
 * @param state with `deleted` when sequences were deleted between the first and the last one
 * @param matching messages of the choice's filter; undefined without a filter
 * @returns undefined when only the server can tell
 */
export function purgeCount(
  state: StreamState,
  choice: PurgeChoice,
  matching: number | undefined,
): number | undefined {
  const candidates = matching ?? state.messages;
  if (choice.keep !== undefined) return Math.max(0, candidates - choice.keep);
  const { seq } = choice;
  if (seq === undefined || seq > state.last_seq) return candidates;
  if (seq <= state.first_seq || candidates === 0) return 0;
  // Where the matching ones are among the sequences is not told.
  if (matching !== undefined) return undefined;
  const deleted = deletedBefore(state, seq);
  return deleted === undefined ? undefined : seq - state.first_seq - deleted;
}

function deletedBefore(state: StreamState, seq: number): number | undefined {
  if ((state.num_deleted ?? 0) === 0) return 0;
  return state.deleted?.filter((one) => one < seq).length;
}
