import type { HistoryChange, PlacedMemory } from '../../backlog/model/memory/memory-facts.js';
import type { ReadingState } from '../../backlog/model/memory/window-changes.js';

export interface HistoryDiff {
  /** Times of the two readings that are compared. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly changes: readonly HistoryChange[];
  readonly findings: readonly PlacedMemory[];
}

/** Counts that differ between two readings, of what both have. */
export function netChanges(before: ReadingState, after: ReadingState): readonly HistoryChange[] {
  const changes: HistoryChange[] = [];
  for (const [stream, now] of after.streams) {
    const then = before.streams.get(stream);
    if (then === undefined) continue;
    const place = { kind: 'count', stream, consumer: null, atMs: after.atMs } as const;
    changes.push(
      ...counts(place, [
        ['messages', then.sample.messages, now.sample.messages],
        ['bytes', then.sample.bytes, now.sample.bytes],
        ['last_seq', then.sample.lastSeq, now.sample.lastSeq],
        ['consumers', then.sample.consumerCount, now.sample.consumerCount],
      ]),
    );
    for (const [consumer, sample] of now.consumers) {
      const known = then.consumers.get(consumer);
      if (known === undefined) continue;
      changes.push(
        ...counts({ ...place, consumer }, [
          ['pending', known.pending, sample.pending],
          ['ack_pending', known.ackPending, sample.ackPending],
          ['redelivered', known.redelivered, sample.redelivered],
          ['delivered', known.delivered.streamSeq, sample.delivered.streamSeq],
          ['ack_floor', known.ackFloor.streamSeq, sample.ackFloor.streamSeq],
        ]),
      );
    }
  }
  return changes;
}

function counts(
  place: Pick<HistoryChange, 'kind' | 'stream' | 'consumer' | 'atMs'>,
  values: readonly (readonly [key: string, before: number, after: number])[],
): readonly HistoryChange[] {
  return values.flatMap(([key, before, after]) =>
    before === after ? [] : [{ ...place, key, before, after }],
  );
}
