import type { ConnectionSample } from '../../../streams/model/snapshot.js';
import type { MemoryFacts } from './memory-facts.js';

type SubscriptionFacts = Extract<MemoryFacts, { readonly kind: 'subscriptions' }>;

/** A time in which a connection had more and more subscriptions. */
interface Rise {
  /** The last reading before it. */
  readonly sinceMs: number;
  readonly from: number;
  readonly rises: number;
}

interface Track {
  readonly count: number;
  /** When it had more than before for the last time. */
  readonly roseMs: number;
  /** Since it had fewer, or did not rise for long. */
  readonly whole: Rise;
  /** Without a reading in between that had as many as before. */
  readonly run: Rise;
}

export interface SubscriptionSteps {
  readonly rising: readonly {
    readonly key: string;
    readonly facts: SubscriptionFacts;
    readonly sinceMs: number;
  }[];
  readonly ended: readonly { readonly key: string; readonly endedMs: number }[];
}

/** A connection whose subscriptions did not rise for this long has what it wants. */
const QUIET_MS = 10 * 60_000;
/** A run with this share of what was added is where it began: before it, the client only started. */
const MAIN_SHARE = 0.8;

/** Follows how many subscriptions each connection has. */
export class SubscriptionWatch {
  readonly #tracks = new Map<string, Track>();

  add(open: readonly ConnectionSample[], atMs: number): SubscriptionSteps {
    const rising: SubscriptionSteps['rising'][number][] = [];
    const ended: SubscriptionSteps['ended'][number][] = [];
    const seen = new Set<string>();
    for (const { server, cid, name, address, subscriptionCount: count } of open) {
      const key = `${server}/${String(cid)}`;
      seen.add(key);
      const before = this.#tracks.get(key);
      const track = trackOf(before, count, atMs);
      this.#tracks.set(key, track);
      if (track.whole.rises === 0) {
        if (before === undefined || before.whole.rises === 0) continue;
        ended.push({ key, endedMs: count < before.count ? atMs : before.roseMs });
      } else if (track.roseMs === atMs) {
        const { sinceMs, from } = mainRise(track);
        const spanMs = atMs - sinceMs;
        const { rises } = track.whole;
        const counts = { connection: name, address, rises, from, to: count, spanMs };
        rising.push({ key, facts: { kind: 'subscriptions', ...counts }, sinceMs });
      }
    }
    for (const key of this.#tracks.keys()) {
      if (seen.has(key)) continue;
      this.#tracks.delete(key);
      ended.push({ key, endedMs: atMs });
    }
    return { rising, ended };
  }
}

function mainRise({ count, whole, run }: Track): Rise {
  return count - run.from >= MAIN_SHARE * (count - whole.from) ? run : whole;
}

function trackOf(before: Track | undefined, count: number, atMs: number): Track {
  const none = { sinceMs: atMs, from: count, rises: 0 };
  if (before === undefined || count < before.count) {
    return { count, roseMs: atMs, whole: none, run: none };
  }
  const { whole, run, roseMs } = before;
  if (count > before.count) {
    const risen = (rise: Rise): Rise => ({ ...rise, rises: rise.rises + 1 });
    return { count, roseMs: atMs, whole: risen(whole), run: risen(run) };
  }
  const isQuiet = whole.rises === 0 || atMs - roseMs > QUIET_MS;
  return { count, roseMs, whole: isQuiet ? none : whole, run: none };
}
