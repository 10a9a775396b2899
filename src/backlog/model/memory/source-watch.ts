import type { StreamSample, UpstreamState } from '../../../streams/model/snapshot.js';
import type { MemoryFacts } from './memory-facts.js';
import type { ReadingState } from './window-changes.js';

interface SourceTrack {
  together: number;
  alone: number;
  missed: number;
  sinceMs: number;
}

interface Copy {
  readonly stream: string;
  readonly upstream: UpstreamState;
  /** Messages that it received since the reading before. */
  readonly copy: number;
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

/** Follows copies of streams: by what copy and origin receive, or where the origin is out of sight, by its silence. */
export class SourceWatch {
  readonly #tracks = new Map<string, SourceTrack>();

  /** @returns the copies that moved, or whose source did or is silent */
  add(before: ReadingState, after: ReadingState): readonly SourceStep[] {
    const steps: SourceStep[] = [];
    const seen = new Set<string>();
    for (const [stream, { sample }] of after.streams) {
      const copy = growth(before.streams.get(stream)?.sample, sample);
      for (const upstream of sample.upstreams) {
        const key = `${stream} ${upstream.name}`;
        seen.add(key);
        if (copy === undefined) continue;
        const step =
          upstream.external === undefined
            ? this.#besideOrigin({ stream, upstream, copy }, before, after)
            : this.#outOfSight({ stream, upstream, copy }, after.atMs);
        if (step !== undefined) steps.push(step);
      }
    }
    for (const key of this.#tracks.keys()) if (!seen.has(key)) this.#tracks.delete(key);
    return steps;
  }

  #besideOrigin(
    { stream, upstream, copy }: Copy,
    before: ReadingState,
    after: ReadingState,
  ): SourceStep | undefined {
    const { name: source, lag } = upstream;
    const origin = growth(before.streams.get(source)?.sample, after.streams.get(source)?.sample);
    if (origin === undefined || (copy <= 0 && origin <= 0)) return undefined;
    const track = this.#follow(`${stream} ${source}`, { copy, source: origin }, after.atMs);
    const { together, alone, missed, sinceMs } = track;
    return { facts: { kind: 'source', stream, source, lag, together, alone, missed }, sinceMs };
  }

  /** Nothing is known of its origin; a server that is there is heard from every few seconds. */
  #outOfSight({ stream, upstream, copy }: Copy, atMs: number): SourceStep | undefined {
    const { name: source, lag, activeMs: silentMs } = upstream;
    const track = this.#follow(`${stream} ${source}`, { copy, source: copy }, atMs);
    if (silentMs === undefined && copy <= 0) return undefined;
    const { together, sinceMs } = track;
    const alone = copy > 0 ? 0 : track.alone;
    return {
      facts: { kind: 'source', stream, source, lag, together, alone, silentMs: silentMs ?? 0 },
      sinceMs: Math.min(sinceMs, atMs - (silentMs ?? 0)),
    };
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
    track.missed += Math.max(0, source);
    return track;
  }
}

function growth(
  before: StreamSample | undefined,
  after: StreamSample | undefined,
): number | undefined {
  if (before === undefined || after === undefined) return undefined;
  // One that was created again has a new beginning.
  return before.createdMs === after.createdMs ? after.lastSeq - before.lastSeq : after.lastSeq;
}
