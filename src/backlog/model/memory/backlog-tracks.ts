import type { ConsumerSample } from '../../../streams/model/snapshot.js';
import type { ReadingState } from './window-changes.js';

/** Since when a consumer has been behind. */
export interface BacklogTrack {
  /** The last reading in which it may have kept up, or the first with a backlog. */
  readonly sinceMs: number;
  /** The reading that showed it. */
  readonly noticedMs: number;
  /** It was so when the readings began. */
  readonly isOlder: boolean;
}

/** Follows which consumers have more to do than they finish from one reading to the next. */
export class BacklogTracks {
  readonly #tracks = new Map<string, BacklogTrack>();

  add(before: ReadingState | undefined, { atMs, streams }: ReadingState): void {
    const seen = new Set<string>();
    for (const [stream, { consumers }] of streams) {
      const known = before?.streams.get(stream)?.consumers;
      for (const [name, now] of consumers) {
        const then = known?.get(name);
        if (!isBehind(then, now)) continue;
        const key = `${stream}/${name}`;
        seen.add(key);
        if (this.#tracks.has(key)) continue;
        // In the interval before it may have finished enough to look as if it kept up.
        const began = then !== undefined && backlogOf(then) > 0 ? before?.atMs : undefined;
        this.#tracks.set(key, {
          sinceMs: began ?? atMs,
          noticedMs: atMs,
          isOlder: before === undefined,
        });
      }
    }
    for (const key of this.#tracks.keys()) if (!seen.has(key)) this.#tracks.delete(key);
  }

  of(stream: string, consumer: string): BacklogTrack | undefined {
    return this.#tracks.get(`${stream}/${consumer}`);
  }
}

/** Messages that one interval's work clears are not a backlog: a busy consumer always has some. */
function isBehind(then: ConsumerSample | undefined, now: ConsumerSample): boolean {
  const backlog = backlogOf(now);
  return backlog > 0 && backlog >= (then === undefined ? 0 : finished(now) - finished(then));
}

function backlogOf({ pending, ackPending }: ConsumerSample): number {
  return pending + ackPending;
}

function finished({ delivered, ackPending }: ConsumerSample): number {
  return delivered.consumerSeq - ackPending;
}
