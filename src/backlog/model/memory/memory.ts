import { applyRule } from '../../../core/findings/rule.js';
import { isAlarm } from '../../../core/findings/severity.js';
import type { ConnectionSample, StreamSample } from '../../../streams/model/snapshot.js';
import type { BacklogReport, ConsumerReport } from '../report.js';
import type { ScanWindow } from '../series.js';
import type { HistoryChange, MemoryFacts, PlacedMemory } from './memory-facts.js';
import { MEMORY_RULES } from './memory-rules.js';
import { SourceWatch } from './source-watch.js';
import {
  changesBetween,
  finishedBetween,
  readingState,
  type ReadingState,
  type RememberedStream,
} from './window-changes.js';

const MINUTE_MS = 60_000;
/** How long before a beginning a change may have caused it. */
export const CAUSE_MS = 2 * MINUTE_MS;
/** How long a change is remembered as a possible cause, whatever begins then. */
const REMEMBERED_MS = 60 * MINUTE_MS;

interface LeakTrack {
  readonly name: string;
  readonly address: string;
  rises: number;
  from: number;
  last: number;
  sinceMs: number;
  /** When it had more than before for the last time. */
  roseMs: number;
}

interface BacklogTrack {
  readonly sinceMs: number;
  readonly isOlder: boolean;
}

/** That a leader was elected, as the server announces it: sooner and more often than readings show. */
export interface ElectedLeader {
  readonly atMs: number;
  readonly stream: string;
  readonly consumer?: string | undefined;
  readonly leader?: string | undefined;
}

type Place = Pick<PlacedMemory, 'stream' | 'consumer' | 'connection'>;

/**
 * What readings of different times say together. Feed it windows in the order of time; findings that are over keep
 * their end.
 */
export class BacklogMemory {
  #state: ReadingState | undefined;
  #changes: HistoryChange[] = [];
  readonly #leaders = new Map<string, string>();
  readonly #moves = new Map<string, HistoryChange[]>();
  readonly #sources = new SourceWatch();
  readonly #leaks = new Map<string, LeakTrack>();
  readonly #backlogs = new Map<string, BacklogTrack>();
  /** Streams that are gone, as they were last. */
  readonly #gone = new Map<string, StreamSample>();
  /** By id and place; those that are over are behind them. */
  readonly #open = new Map<string, PlacedMemory>();
  readonly #over: PlacedMemory[] = [];

  /** @returns what changed since the reading before */
  add(window: ScanWindow, elected: readonly ElectedLeader[] = []): readonly HistoryChange[] {
    const before = this.#state;
    const after = readingState(window, before);
    this.#state = after;
    this.#followBacklogs(after, before === undefined);
    if (before === undefined) {
      this.#followLeaders(after, []);
      return [];
    }
    const changes = changesBetween(before, after);
    const oldestMs = after.atMs - REMEMBERED_MS;
    this.#changes = [...this.#changes, ...changes].filter(({ atMs }) => atMs >= oldestMs);
    this.#findSteps(before, after, changes);
    this.#followLeaders(after, elected);
    this.#followSources(before, after);
    this.#followSubscriptions(window.core.open?.at(-1), after.atMs);
    return changes;
  }

  /** Everything that was found, with what the last report adds. Oldest first. */
  findings(report?: BacklogReport): readonly PlacedMemory[] {
    const now = report === undefined ? [] : this.#behind(report);
    return [...this.#over, ...this.#open.values(), ...now].toSorted(
      (a, b) => a.beganMs - b.beganMs,
    );
  }

  /** What is reported only of a consumer that is in trouble now. */
  #behind(report: BacklogReport): readonly PlacedMemory[] {
    const consumers = report.streams.flatMap((stream) => stream.consumers);
    return consumers.flatMap((consumer) => this.#sinceWhen(consumer, report.atMs));
  }

  #sinceWhen(consumer: ConsumerReport, atMs: number): readonly PlacedMemory[] {
    const { stream, name, verdict, severity, facts } = consumer;
    const track = this.#backlogs.get(`${stream}/${name}`);
    if (track === undefined || facts === undefined || !isAlarm(severity)) return [];
    const deploy = this.#changes.findLast(
      (change) =>
        isDeploy(change, stream, name) &&
        change.atMs <= track.sinceMs &&
        change.atMs >= track.sinceMs - CAUSE_MS,
    );
    const found: MemoryFacts = {
      kind: 'backlog',
      stream,
      consumer: name,
      verdict,
      backlog: facts.backlog,
      spanMs: atMs - track.sinceMs,
      isOlder: track.isOlder,
      deploy,
    };
    return judge(found, { stream, consumer: name }, { beganMs: track.sinceMs });
  }

  #followBacklogs({ atMs, streams }: ReadingState, isFirst: boolean): void {
    const seen = new Set<string>();
    for (const [stream, { consumers }] of streams) {
      for (const [name, { pending, ackPending }] of consumers) {
        if (pending + ackPending === 0) continue;
        const key = `${stream}/${name}`;
        seen.add(key);
        if (!this.#backlogs.has(key)) this.#backlogs.set(key, { sinceMs: atMs, isOlder: isFirst });
      }
    }
    for (const key of this.#backlogs.keys()) if (!seen.has(key)) this.#backlogs.delete(key);
  }

  #findSteps(before: ReadingState, after: ReadingState, changes: readonly HistoryChange[]): void {
    const once = { beganMs: after.atMs, endedMs: after.atMs };
    for (const [name, then] of before.streams) {
      const now = after.streams.get(name);
      if (now === undefined) this.#vanish(name, then, after.atMs);
      else {
        const { sample } = now;
        const finished = finishedBetween(then, now);
        const facts = {
          kind: 'stream',
          name,
          before: then.sample,
          after: sample,
          finished,
        } as const;
        this.#over.push(...judge(facts, { stream: name }, once));
        this.#compareConsumers(name, { then, now }, after.atMs);
      }
    }
    for (const [name, { sample }] of after.streams) {
      const gone = this.#gone.get(name);
      if (gone === undefined) continue;
      this.#gone.delete(name);
      this.#end(`STREAM_VANISHED ${name}//`, after.atMs);
      const facts = { kind: 'stream', name, before: gone, after: sample, finished: 0 } as const;
      this.#over.push(...judge(facts, { stream: name }, once));
    }
    for (const own of byPlace(changes.filter(({ kind }) => kind === 'config'))) {
      const [{ stream, consumer }] = own;
      if (stream === null) continue;
      const place = { stream, consumer: consumer ?? undefined };
      this.#over.push(...judge({ kind: 'config', ...place, changes: own }, place, once));
    }
  }

  /** Its consumers are gone with it, which needs no finding of their own. */
  #vanish(stream: string, { sample }: RememberedStream, atMs: number): void {
    this.#gone.set(stream, sample);
    this.#hold({ kind: 'stream', name: stream, before: sample, finished: 0 }, { stream }, atMs);
  }

  #compareConsumers(
    stream: string,
    { then, now }: { readonly then: RememberedStream; readonly now: RememberedStream },
    atMs: number,
  ): void {
    for (const [consumer, before] of then.consumers) {
      if (now.consumers.has(consumer)) continue;
      const place = { stream, consumer };
      this.#hold({ kind: 'consumer-gone', stream, name: consumer, before }, place, atMs);
    }
    for (const consumer of now.consumers.keys()) {
      if (!then.consumers.has(consumer))
        this.#end(`CONSUMER_VANISHED ${stream}/${consumer}/`, atMs);
    }
  }

  #followLeaders({ atMs, streams }: ReadingState, elected: readonly ElectedLeader[]): void {
    for (const { stream, consumer, leader, atMs: at } of elected) {
      this.#leads({ stream, consumer }, leader, at);
    }
    for (const [stream, { sample, consumers }] of streams) {
      this.#leads({ stream }, sample.cluster?.leader, atMs);
      for (const [consumer, { cluster }] of consumers) {
        this.#leads({ stream, consumer }, cluster?.leader, atMs);
      }
    }
    for (const [key, moves] of this.#moves) {
      const last = moves.at(-1)?.atMs ?? 0;
      if (last > atMs - MINUTE_MS) continue;
      this.#moves.delete(key);
      this.#end(`LEADER_FLAPPING ${key}/`, last);
    }
  }

  #leads(place: LeaderPlace, leader: string | undefined, atMs: number): void {
    if (leader === undefined || leader === '') return;
    const key = `${place.stream}/${place.consumer ?? ''}`;
    const before = this.#leaders.get(key);
    this.#leaders.set(key, leader);
    if (before === undefined || before === leader) return;
    const move = { ...place, kind: 'leader', key: 'leader', before, after: leader, atMs } as const;
    const recent = (this.#moves.get(key) ?? []).filter((one) => one.atMs > atMs - MINUTE_MS);
    const moves = [...recent, { ...move, consumer: place.consumer ?? null }];
    this.#moves.set(key, moves);
    this.#hold({ kind: 'leader', ...place, moves }, place, moves[0]?.atMs ?? atMs);
  }

  #followSources(before: ReadingState, after: ReadingState): void {
    for (const { facts, sinceMs } of this.#sources.add(before, after)) {
      const { stream, source } = facts;
      if (facts.alone > 0) this.#hold(facts, { stream }, sinceMs, source);
      else this.#end(`SOURCE_SILENT_AT_LAG_0 ${stream}//${source}`, after.atMs);
    }
  }

  #followSubscriptions(open: readonly ConnectionSample[] | undefined, atMs: number): void {
    if (open === undefined) return;
    const seen = new Set<string>();
    for (const { server, cid, name, address, subscriptionCount: count } of open) {
      const key = `${server}/${String(cid)}`;
      seen.add(key);
      const track = this.#leaks.get(key);
      if (track === undefined || count < track.last) {
        if (track !== undefined) this.#end(`SUBSCRIPTION_LEAK //${key}`, atMs);
        this.#leaks.set(key, {
          name,
          address,
          rises: 0,
          from: count,
          last: count,
          sinceMs: atMs,
          roseMs: atMs,
        });
        continue;
      }
      if (count === track.last) continue;
      Object.assign(track, { rises: track.rises + 1, last: count, roseMs: atMs });
      const { rises, from, sinceMs } = track;
      const spanMs = atMs - sinceMs;
      const facts = {
        kind: 'subscriptions',
        connection: name,
        address,
        rises,
        from,
        to: count,
        spanMs,
      } as const;
      this.#hold(facts, { connection: name || address }, sinceMs, key);
    }
    for (const key of this.#leaks.keys()) {
      if (seen.has(key)) continue;
      this.#leaks.delete(key);
      this.#end(`SUBSCRIPTION_LEAK //${key}`, atMs);
    }
  }

  /** Something that lasts; what is found again takes the place of the same from before. */
  #hold(facts: MemoryFacts, place: Place, beganMs: number, detail = ''): void {
    for (const found of judge(facts, place, { beganMs })) {
      const where = `${place.stream ?? ''}/${place.consumer ?? ''}/${detail}`;
      this.#open.set(`${found.finding.id} ${where}`, found);
    }
  }

  #end(key: string, endedMs: number): void {
    const found = this.#open.get(key);
    if (found === undefined) return;
    this.#open.delete(key);
    const finding = { ...found.finding, ended_at: new Date(endedMs).toISOString() };
    this.#over.push({ ...found, endedMs, finding });
  }
}

interface LeaderPlace {
  readonly stream: string;
  readonly consumer?: string | undefined;
}

interface Times {
  readonly beganMs: number;
  readonly endedMs?: number | undefined;
}

function judge(
  facts: MemoryFacts,
  place: Place,
  { beganMs, endedMs }: Times,
): readonly PlacedMemory[] {
  const found: PlacedMemory[] = [];
  for (const rule of MEMORY_RULES) {
    const finding = applyRule(rule, facts);
    if (finding === undefined) continue;
    const times = {
      began_at: new Date(beganMs).toISOString(),
      ended_at: endedMs === undefined ? null : new Date(endedMs).toISOString(),
    };
    found.push({ ...place, beganMs, endedMs, finding: { ...finding, ...times } });
  }
  return found;
}

function isDeploy(
  { kind, stream, consumer }: HistoryChange,
  inStream: string,
  name: string,
): boolean {
  if (kind === 'client_replaced') return true;
  return kind === 'config' && stream === inStream && (consumer === null || consumer === name);
}

function byPlace(
  changes: readonly HistoryChange[],
): readonly (readonly [HistoryChange, ...HistoryChange[]])[] {
  const places = new Map<string, [HistoryChange, ...HistoryChange[]]>();
  for (const change of changes) {
    const key = `${change.stream ?? ''}/${change.consumer ?? ''}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, [change]);
    else known.push(change);
  }
  return [...places.values()];
}
