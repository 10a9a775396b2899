import type {
  ConsumerLookups,
  ConsumerSeries,
  CoreSeries,
  ScanWindow,
  StreamSeries,
} from '../../backlog/model/series.js';
import { isSame } from '../../core/shared-values.js';
import type {
  AccountSample,
  ClosedConnection,
  ConnectionSample,
  ConsumerSample,
  ServerSample,
  ServerStatistics,
  StreamSample,
} from '../../streams/model/snapshot.js';
import type { ReadingTrees } from './reading.js';
import type { Tree } from './row.js';

/** The section with what belongs to no stream, and that of connections and servers. */
export const GENERAL_SECTION = '';
export const CORE_SECTION = 'core';
const STREAM_SECTION = 'stream/';

/** How many closed connections are kept with a reading, the latest. */
const MOST_CLOSED = 2_000;
/** A window has no more readings than this. */
const LONGEST_WINDOW = 3;

export function streamSection(stream: string): string {
  return STREAM_SECTION + stream;
}

/** The stream of a section; undefined for the others. */
export function streamOfSection(section: string): string | undefined {
  return section.startsWith(STREAM_SECTION) ? section.slice(STREAM_SECTION.length) : undefined;
}

/** A list of samples as what it keeps of the end of the list before, and what is new. */
type Continued = readonly [kept: number, ...fresh: readonly unknown[]];

type Oldest = ConsumerLookups['oldest'];

/** Takes from each of several windows that follow each other what the one before has not. */
export class WindowSplitter {
  #previous: ScanWindow | undefined;
  #lists = new Map<string, readonly unknown[]>();
  /** The oldest messages of the readings before, the latest first. */
  #oldest: ReadonlyMap<string, Oldest>[] = [];
  #closed: ReadonlySet<string> = new Set();

  /** @param isWhole what does not change is said again, so that this reading can be read without those before */
  split(window: ScanWindow, isWhole: boolean): ReadingTrees {
    const lists = new Map<string, readonly unknown[]>();
    const continued = (key: string, list: readonly unknown[]): Continued => {
      const before = this.#lists.get(key) ?? [];
      lists.set(key, list);
      const kept = keptOf(before, list);
      return [kept, ...list.slice(kept)];
    };
    const { account, streams, core, ...head } = window;
    const trees = new Map<string, Map<string, Tree>>();
    trees.set(
      GENERAL_SECTION,
      new Map<string, Tree>([
        ['head', head],
        ['account', continued('account', account)],
      ]),
    );
    trees.set(CORE_SECTION, this.#coreTrees(core, isWhole));
    const oldest = new Map<string, Oldest>();
    for (const series of streams) {
      trees.set(streamSection(series.name), this.#streamTrees(series, continued, oldest));
    }
    this.#oldest = [oldest, ...this.#oldest].slice(0, LONGEST_WINDOW - 1);
    this.#lists = lists;
    this.#previous = window;
    return trees;
  }

  #streamTrees(
    { name, samples, consumers, ...rest }: StreamSeries,
    continued: (key: string, list: readonly unknown[]) => Continued,
    oldest: Map<string, Oldest>,
  ): Map<string, Tree> {
    const trees = new Map<string, Tree>([['s', continued(`s/${name}`, samples)]]);
    if (hasAny(rest)) trees.set('x', rest);
    for (const consumer of consumers) {
      const key = `${name}/${consumer.name}`;
      trees.set(`c/${consumer.name}`, continued(`c/${key}`, consumer.samples));
      const { lookups, unavailable } = consumer;
      if (lookups?.oldest !== undefined) oldest.set(key, lookups.oldest);
      const beside = { unavailable, lookups: lookups && this.#lookupsTree(key, lookups) };
      if (hasAny(beside)) trees.set(`e/${consumer.name}`, beside);
    }
    return trees;
  }

  /** What was the oldest at the start of the window was mostly found by a reading before. */
  #lookupsTree(key: string, lookups: ConsumerLookups): Tree {
    const { oldestAtStart } = lookups;
    if (oldestAtStart === undefined) return hasAny(lookups) ? lookups : undefined;
    const ago = this.#oldest.findIndex((before) => before.get(key) === oldestAtStart);
    return ago < 0 ? lookups : { ...lookups, oldestAtStart: ago + 1 };
  }

  #coreTrees(core: CoreSeries, isWhole: boolean): Map<string, Tree> {
    const { open, closed, statistics, servers, ...rest } = core;
    const trees = new Map<string, Tree>();
    const before = this.#previous?.core;
    const readings = (
      mark: string,
      now: readonly (readonly CoreSample[])[] | undefined,
      then: readonly unknown[] | undefined,
    ): readonly number[] | undefined => {
      if (now === undefined) return undefined;
      const kept = keptOf(then ?? [], now);
      for (const [index, samples] of now.slice(kept).entries()) {
        for (const [place, sample] of samples.entries()) {
          trees.set(
            coreKey(`${mark}${index}`, sample, trees) ?? `${mark}${index}#${place}`,
            sample,
          );
        }
      }
      return [kept, now.length - kept];
    };
    const told = closed?.toSorted((a, b) => b.stopMs - a.stopMs).slice(0, MOST_CLOSED) ?? [];
    for (const connection of told) {
      const key = closedKey(connection);
      if (isWhole || !this.#closed.has(key)) trees.set(key, connection);
    }
    this.#closed = new Set(told.map(closedKey));
    trees.set('frame', {
      ...rest,
      open: readings('o', open, before?.open),
      statistics: readings('t', statistics, before?.statistics),
      servers: readings('v', servers, before?.servers),
      closed: closed !== undefined,
      isWhole,
    });
    return trees;
  }
}

type CoreSample = ConnectionSample | ServerStatistics | ServerSample;

function coreKey(
  mark: string,
  sample: CoreSample,
  taken: ReadonlyMap<string, Tree>,
): string | undefined {
  const cid = 'cid' in sample ? `/${sample.cid}` : '';
  const key = `${mark}/${sample.server}${cid}`;
  return taken.has(key) ? undefined : key;
}

function closedKey({ server, cid, stopMs }: ClosedConnection): string {
  return `c/${server}/${cid}/${stopMs}`;
}

/** How many of the last of a list begin the next one. */
function keptOf(before: readonly unknown[], list: readonly unknown[]): number {
  for (let kept = Math.min(before.length, list.length); kept > 0; kept -= 1) {
    const tail = before.slice(-kept);
    if (tail.every((sample, index) => isSame(sample, list[index]))) return kept;
  }
  return 0;
}

function hasAny(tree: object): boolean {
  return Object.values(tree).some((value) => value !== undefined);
}

interface CoreFrame {
  readonly open?: readonly [number, number];
  readonly statistics?: readonly [number, number];
  readonly servers?: readonly [number, number];
  readonly closed: boolean;
  readonly isWhole: boolean;
  readonly maxPendingBytes?: number;
}

type Head = Omit<ScanWindow, 'account' | 'streams' | 'core'>;

/** Makes the windows again from what {@link WindowSplitter} took from them. */
export class WindowJoiner {
  #lists = new Map<string, readonly unknown[]>();
  #oldest: ReadonlyMap<string, Oldest>[] = [];
  #core: CoreSeries = {};
  #closed = new Map<string, ClosedConnection>();

  join(trees: ReadingTrees): ScanWindow {
    const general = trees.get(GENERAL_SECTION);
    const lists = new Map<string, readonly unknown[]>();
    const continued = (key: string, tree: Tree): readonly unknown[] => {
      const [kept, ...fresh] = (tree ?? [0]) as Continued;
      const list = [...this.#keptOf(this.#lists.get(key), kept), ...fresh];
      lists.set(key, list);
      return list;
    };
    const oldest = new Map<string, Oldest>();
    const streams: StreamSeries[] = [];
    for (const [section, series] of trees) {
      const stream = streamOfSection(section);
      if (stream !== undefined)
        streams.push(this.#streamSeries(stream, series, { continued, oldest }));
    }
    const window = {
      ...(general?.get('head') as Head),
      account: continued('account', general?.get('account')) as readonly AccountSample[],
      streams,
      core: this.#coreSeries(trees.get(CORE_SECTION)),
    };
    this.#lists = lists;
    this.#oldest = [oldest, ...this.#oldest].slice(0, LONGEST_WINDOW - 1);
    return window;
  }

  #keptOf<T>(list: readonly T[] | undefined, kept: number): readonly T[] {
    return kept === 0 ? [] : (list ?? []).slice(-kept);
  }

  #streamSeries(
    name: string,
    trees: ReadonlyMap<string, Tree>,
    { continued, oldest }: JoinContext,
  ): StreamSeries {
    const consumers: ConsumerSeries[] = [];
    for (const [key, tree] of trees) {
      if (!key.startsWith('c/')) continue;
      const consumer = key.slice(2);
      const id = `${name}/${consumer}`;
      const beside = trees.get(`e/${consumer}`) as Beside | undefined;
      const lookups = beside?.lookups && this.#lookups(id, beside.lookups);
      if (lookups?.oldest !== undefined) oldest.set(id, lookups.oldest);
      consumers.push({
        stream: name,
        name: consumer,
        samples: continued(`c/${id}`, tree) as readonly ConsumerSample[],
        lookups,
        unavailable: beside?.unavailable,
      });
    }
    return {
      ...(trees.get('x') as Partial<StreamSeries> | undefined),
      name,
      samples: continued(`s/${name}`, trees.get('s')) as readonly StreamSample[],
      consumers,
    };
  }

  #lookups(key: string, lookups: ConsumerLookups): ConsumerLookups {
    const { oldestAtStart } = lookups as { readonly oldestAtStart?: unknown };
    if (typeof oldestAtStart !== 'number') return lookups;
    return { ...lookups, oldestAtStart: this.#oldest[oldestAtStart - 1]?.get(key) };
  }

  #coreSeries(trees: ReadonlyMap<string, Tree> | undefined): CoreSeries {
    const { isWhole, closed, open, statistics, servers, ...rest } = (trees?.get('frame') ?? {
      isWhole: false,
      closed: false,
    }) as CoreFrame;
    const readings = <T>(
      mark: string,
      counts: readonly [number, number] | undefined,
      before: readonly (readonly T[])[] | undefined,
    ): readonly (readonly T[])[] | undefined => {
      if (counts === undefined) return undefined;
      const [kept, fresh] = counts;
      const lists: T[][] = Array.from({ length: fresh }, () => []);
      for (const [key, tree] of trees ?? []) {
        const index = key.startsWith(mark) ? Number.parseInt(key.slice(1), 10) : Number.NaN;
        lists[index]?.push(tree as T);
      }
      return [...this.#keptOf(before, kept), ...lists];
    };
    if (isWhole) this.#closed = new Map();
    for (const [key, tree] of trees ?? []) {
      if (key.startsWith('c/')) this.#closed.set(key, tree as ClosedConnection);
    }
    this.#core = {
      ...rest,
      open: readings('o', open, this.#core.open),
      statistics: readings('t', statistics, this.#core.statistics),
      servers: readings('v', servers, this.#core.servers),
      closed: closed ? [...this.#closed.values()] : undefined,
    };
    return this.#core;
  }
}

interface JoinContext {
  readonly continued: (key: string, tree: Tree) => readonly unknown[];
  readonly oldest: Map<string, Oldest>;
}

interface Beside {
  readonly lookups?: ConsumerLookups | undefined;
  readonly unavailable?: ConsumerSeries['unavailable'];
}
