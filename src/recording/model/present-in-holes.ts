import type { StreamState } from '../../streams/model/stream-info.js';
import type { SequenceRange } from './sequence-account.js';

/**
 * What a stream has where a recording has holes: messages that were skipped.
 *
 * @param state with `deleted`: the sequences between its first and its last that it does not have
 * @param holes in order
 * @returns in order, adjacent sequences as one range
 */
export function presentInHoles(
  { first_seq: firstSeq, last_seq: lastSeq, deleted }: StreamState,
  holes: Iterable<SequenceRange>,
): readonly SequenceRange[] {
  const present: SequenceRange[] = [];
  const gone = deleted ?? [];
  let next = 0;
  for (const hole of holes) {
    let seq = Math.max(hole.from, firstSeq);
    const to = Math.min(hole.to, lastSeq);
    while (next < gone.length && (gone[next] ?? 0) < seq) next += 1;
    while (seq <= to) {
      const deletedSeq = gone[next] ?? Infinity;
      if (deletedSeq > seq) present.push({ from: seq, to: Math.min(to, deletedSeq - 1) });
      seq = deletedSeq + 1;
      if (deletedSeq <= to) next += 1;
    }
  }
  return present;
}
