import type { StreamState } from './stream-info.js';

/** What to purge; everything if no key is given. `seq` and `keep` cannot be used together. */
export interface PurgeChoice {
  /** Only messages of matching subjects. */
  readonly filter?: string | undefined;
  /** Only messages before this sequence. */
  readonly seq?: number | undefined;
  /** All but the newest ones, this many of them. */
  readonly keep?: number | undefined;
}

/** Messages of a stream that are removed. */
export interface StreamPurge {
  readonly stream: string;
  readonly choice: PurgeChoice;
  /** Only messages that were stored before this time; the choice has the sequence. */
  readonly beforeMs?: number | undefined;
  /** What the stream had before. */
  readonly messages: number;
  readonly bytes: number;
  /** How many will be removed; undefined when only the server knows. */
  readonly expected: number | undefined;
  /** The sequence of the next message afterwards, if that is not the usual one. */
  readonly nextSeq?: number | undefined;
  readonly usualNextSeq?: number | undefined;
  /** How many were removed; undefined when nothing was done. */
  readonly purged: number | undefined;
  /** Their size; undefined when nothing was done, or others wrote meanwhile. */
  readonly purgedBytes: number | undefined;
  /** The server removed another number than expected, and nothing was stored meanwhile. */
  readonly unexpected: boolean;
}

/**
 * How many messages a purge would remove, if the state of the stream is enough to know it.
 *
 * @param state with `deleted` when sequences were deleted between the first and the last one
 * @param matching messages of the choice's filter; undefined without a filter
 * @returns undefined when it has to be counted
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
  // The server does not say where the matching ones are.
  if (matching !== undefined) return undefined;
  const deleted = deletedBefore(state, seq);
  return deleted === undefined ? undefined : seq - state.first_seq - deleted;
}

function deletedBefore(state: StreamState, seq: number): number | undefined {
  if ((state.num_deleted ?? 0) === 0) return 0;
  return state.deleted?.filter((one) => one < seq).length;
}
