import type { StreamSample } from '../../streams/model/snapshot.js';
import type { Sweep } from '../../streams/run/api/sweep.js';

/** Something may have moved since the first reading, or there was a backlog. */
export function isLively(stream: StreamSample, first: Sweep, full: boolean): boolean {
  const before = first.streams.get(stream.name);
  const consumers = first.consumers.get(stream.name);
  if (before === undefined || consumers === undefined) return true;
  for (const { pending, ackPending } of consumers.values()) {
    if (pending + ackPending > 0) return true;
  }
  return (
    full && (before.lastSeq !== stream.lastSeq || before.consumerCount !== stream.consumerCount)
  );
}
