import type { Announcement } from './announced.js';
import type { HistoryChange } from './memory-facts.js';
import type { ReadingState } from './window-changes.js';

const MINUTE_MS = 60_000;
/** A leader that was asked to step down does so within this time. */
const PLANNED_MS = 10_000;
/** The time of a request is known less exactly than those of the server. */
const CLOCK_SLACK_MS = 3_000;

export interface LeaderPlace {
  readonly stream: string;
  readonly consumer?: string | undefined;
}

export interface LeaderSteps {
  /** Leaders that moved, with their moves of the last minute that nobody asked for, oldest first. */
  readonly flapping: readonly {
    readonly place: LeaderPlace;
    readonly moves: readonly HistoryChange[];
  }[];
  /** Those that have not moved for a minute, with the time of the last move. */
  readonly calm: readonly { readonly key: string; readonly lastMs: number }[];
}

/** Follows the leaders of streams and consumers, by what is announced and what readings show. */
export class LeaderWatch {
  readonly #leaders = new Map<string, string>();
  /** As the reading before had them: one that is repeated may be older than what was announced. */
  readonly #sampled = new Map<string, string>();
  readonly #moves = new Map<string, HistoryChange[]>();
  /** When a move was asked for. */
  readonly #planned = new Map<string, number>();

  add(reading: ReadingState, announced: readonly Announcement[]): LeaderSteps {
    const moved = new Map<string, LeaderPlace>();
    for (const event of announced) this.#hear(event, reading, moved);
    const seen = new Set<string>();
    const look = (place: LeaderPlace, cluster: Led | undefined): void => {
      const key = keyOf(place);
      seen.add(key);
      const leader = cluster?.leader ?? '';
      if (leader === '' || this.#sampled.get(key) === leader) return;
      this.#sampled.set(key, leader);
      const sinceMs = Math.min(cluster?.leaderSinceMs ?? reading.atMs, reading.atMs);
      if (this.#leads(place, leader, sinceMs)) moved.set(key, place);
    };
    for (const [stream, { sample, consumers }] of reading.streams) {
      look({ stream }, sample.cluster);
      for (const [consumer, { cluster }] of consumers) look({ stream, consumer }, cluster);
    }
    this.#forget(seen, reading.atMs);
    return {
      flapping: [...moved].map(([key, place]) => ({ place, moves: this.#moves.get(key) ?? [] })),
      calm: this.#calm(reading.atMs),
    };
  }

  #hear(
    { kind, stream, consumer, leader = '', atMs }: Announcement,
    { streams }: ReadingState,
    moved: Map<string, LeaderPlace>,
  ): void {
    const known = streams.get(stream);
    // Others were not asked for, or exist no more.
    if (known === undefined || (consumer !== undefined && !known.consumers.has(consumer))) return;
    const place = { stream, consumer };
    if (kind === 'leader_stepdown') this.#planned.set(keyOf(place), atMs);
    if (kind === 'peer_removed') {
      for (const name of [undefined, ...known.consumers.keys()]) {
        this.#planned.set(keyOf({ stream, consumer: name }), atMs);
      }
    }
    if (kind !== 'leader_elected' || leader === '') return;
    if (this.#leads(place, leader, atMs)) moved.set(keyOf(place), place);
  }

  /** @returns whether it moved, and nobody had asked for it */
  #leads(place: LeaderPlace, leader: string, atMs: number): boolean {
    const key = keyOf(place);
    const before = this.#leaders.get(key);
    this.#leaders.set(key, leader);
    if (before === undefined || before === leader || this.#isPlanned(key, atMs)) return false;
    const { stream, consumer = null } = place;
    const move = { kind: 'leader', key: 'leader', before, after: leader, atMs } as const;
    const recent = (this.#moves.get(key) ?? []).filter((one) => one.atMs > atMs - MINUTE_MS);
    this.#moves.set(key, [...recent, { ...move, stream, consumer }]);
    return true;
  }

  #isPlanned(key: string, atMs: number): boolean {
    const askedMs = this.#planned.get(key);
    return (
      askedMs !== undefined && atMs >= askedMs - CLOCK_SLACK_MS && atMs <= askedMs + PLANNED_MS
    );
  }

  #calm(atMs: number): LeaderSteps['calm'] {
    const calm: { readonly key: string; readonly lastMs: number }[] = [];
    for (const [key, moves] of this.#moves) {
      const lastMs = moves.at(-1)?.atMs ?? 0;
      if (lastMs > atMs - MINUTE_MS) continue;
      this.#moves.delete(key);
      calm.push({ key, lastMs });
    }
    return calm;
  }

  #forget(seen: ReadonlySet<string>, atMs: number): void {
    for (const known of [this.#leaders, this.#sampled]) {
      for (const key of known.keys()) if (!seen.has(key)) known.delete(key);
    }
    for (const [key, askedMs] of this.#planned) {
      if (askedMs < atMs - MINUTE_MS) this.#planned.delete(key);
    }
  }
}

interface Led {
  readonly leader?: string | undefined;
  readonly leaderSinceMs?: number | undefined;
}

function keyOf({ stream, consumer }: LeaderPlace): string {
  return `${stream}/${consumer ?? ''}`;
}
