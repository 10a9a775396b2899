import type { StreamSample } from '../../../streams/model/snapshot.js';
import type { MemoryFacts } from './memory-facts.js';
import type { ReadingState } from './window-changes.js';

interface SourceTrack {
  together: number;
  alone: number;
  missed: number;
  sinceMs: number;
}

interface Growth {
  readonly copy: number;
  readonly source: number;
}

export interface SourceStep {
  readonly facts: Extract<MemoryFacts, { readonly kind: 'source' }>;
  /** When the source grew alone for the first time. */
  readonly sinceMs: number;
}

/** Follows copies of streams, as far as copy and origin are in the same account. */
export class SourceWatch {
  readonly #tracks = new Map<string, SourceTrack>();

  /** @returns the copies that moved, or whose source did */
  add(before: ReadingState, after: ReadingState): readonly SourceStep[] {
    const steps: SourceStep[] = [];
    for (const [stream, { sample }] of after.streams) {
      for (const { name: source, lag, external } of sample.upstreams) {
        const copy = growth(before.streams.get(stream)?.sample, sample);
        const origin = growth(
          before.streams.get(source)?.sample,
          after.streams.get(source)?.sample,
        );
        if (external !== undefined || copy === undefined || origin === undefined) continue;
        if (copy <= 0 && origin <= 0) continue;
        const track = this.#follow(`${stream} ${source}`, { copy, source: origin }, after.atMs);
        const { together, alone, missed, sinceMs } = track;
        steps.push({
          facts: { kind: 'source', stream, source, lag, together, alone, missed },
          sinceMs,
        });
      }
    }
    return steps;
  }

  #follow(key: string, { copy, source }: Growth, atMs: number): SourceTrack {
    const track = this.#tracks.get(key) ?? { together: 0, alone: 0, missed: 0, sinceMs: 0 };
    this.#tracks.set(key, track);
    if (copy > 0) {
      Object.assign(track, { alone: 0, missed: 0 });
      track.together += source > 0 ? 1 : 0;
      return track;
    }
    if (track.alone === 0) track.sinceMs = atMs;
    track.alone += 1;
    track.missed += source;
    return track;
  }
}

function growth(
  before: StreamSample | undefined,
  after: StreamSample | undefined,
): number | undefined {
  return before === undefined || after === undefined ? undefined : after.lastSeq - before.lastSeq;
}
