import { applyRule } from '../../../core/findings/rule.js';
import { isAlarm } from '../../../core/findings/severity.js';
import type { ConnectionSample, StreamSample } from '../../../streams/model/snapshot.js';
import type { BacklogReport, ConsumerReport } from '../report.js';
import type { ScanWindow } from '../series.js';
import type { Announcement } from './announced.js';
import { BacklogTracks, type BacklogTrack } from './backlog-tracks.js';
import { LeaderWatch } from './leader-watch.js';
import type { HistoryChange, MemoryFacts, PlacedMemory } from './memory-facts.js';
import { MEMORY_RULES } from './memory-rules.js';
import { SourceWatch } from './source-watch.js';
import { SubscriptionWatch } from './subscription-watch.js';
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

/** How long a report looks back. */
export const MEMORY_MS = 3_600_000;
/** Of findings with the same id and place that are over, only the latest are kept for a report. */
const MOST_REPEATS = 10;
/** A client that was replaced this often before is always replaced, so that it is not a deployment. */
const ROUTINE_REPLACEMENTS = 3;

export interface MemoryChoice {
  /** What was over longer ago is forgotten, as is what vanished then. @default nothing is */
  readonly horizonMs?: number | undefined;
  /** The windows have only some consumers: without any, a stream is not in them although it exists. */
  readonly isPartial?: boolean | undefined;
}

type Place = Pick<PlacedMemory, 'stream' | 'consumer' | 'connection'>;

/**
 * What readings of different times say together. Feed it windows in the order of time; findings that are over keep
 * their end.
 */
export class BacklogMemory {
  readonly #horizonMs: number;
  readonly #isPartial: boolean;
  #state: ReadingState | undefined;
  /** What may have caused a backlog. */
  #deploys: readonly HistoryChange[] = [];
  readonly #leaders = new LeaderWatch();
  readonly #sources = new SourceWatch();
  readonly #subscriptions = new SubscriptionWatch();
  readonly #backlogs = new BacklogTracks();
  /** Streams that are gone, as they were last. */
  readonly #gone = new Map<string, StreamSample>();
  /** By id and place; those that are over are behind them. */
  readonly #open = new Map<string, PlacedMemory>();
  #over: PlacedMemory[] = [];

  constructor({ horizonMs = Infinity, isPartial = false }: MemoryChoice = {}) {
    this.#horizonMs = horizonMs;
    this.#isPartial = isPartial;
  }

  /**
   * @param announced since the reading before, in the order in which it was heard
   * @returns what changed since the reading before
   */
  add(window: ScanWindow, announced: readonly Announcement[] = []): readonly HistoryChange[] {
    const before = this.#state;
    const after = readingState(window, before);
    this.#state = after;
    this.#backlogs.add(before, after);
    this.#followLeaders(after, announced);
    this.#followSubscriptions(window.core.open?.at(-1), after.atMs);
    if (before === undefined) return [];
    const changes = changesBetween(before, after);
    const oldestMs = after.atMs - REMEMBERED_MS;
    this.#deploys = [...this.#deploys, ...changes.filter(isDeploy)].filter(
      ({ atMs }) => atMs >= oldestMs,
    );
    this.#findSteps(before, after, changes);
    this.#followSources(before, after);
    this.#forget(after.atMs - this.#horizonMs);
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
    const track = this.#backlogs.of(stream, name);
    if (track === undefined || facts === undefined || !isAlarm(severity)) return [];
    const found: MemoryFacts = {
      kind: 'backlog',
      stream,
      consumer: name,
      verdict,
      backlog: facts.backlog,
      spanMs: atMs - track.sinceMs,
      isOlder: track.isOlder,
      deploy: this.#deployBefore(track, consumer),
    };
    return judge(found, { stream, consumer: name }, { beganMs: track.sinceMs });
  }

  #deployBefore(
    { sinceMs, noticedMs, isOlder }: BacklogTrack,
    { stream, name, facts }: ConsumerReport,
  ): HistoryChange | undefined {
    if (isOlder) return undefined;
    const serving = facts?.clients.serving ?? [];
    const before = this.#deploys.filter(({ atMs }) => atMs <= noticedMs);
    return before.findLast((change) => {
      if (change.atMs < sinceMs - CAUSE_MS) return false;
      if (change.kind === 'config') {
        return change.stream === stream && (change.consumer ?? name) === name;
      }
      const replaced = before.filter(({ kind, key }) => kind === change.kind && key === change.key);
      if (replaced.length > ROUTINE_REPLACEMENTS) return false;
      return serving.length === 0 || serving.some((client) => client.name === change.key);
    });
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
        this.#vanishConsumers(name, { then, now }, after.atMs);
      }
    }
    for (const [name, { sample, consumers }] of after.streams) {
      const known = before.streams.get(name);
      for (const consumer of consumers.keys()) {
        if (known?.consumers.has(consumer) !== true) {
          this.#end(`CONSUMER_VANISHED ${name}/${consumer}/`, after.atMs);
        }
      }
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
  #vanish(stream: string, then: RememberedStream, atMs: number): void {
    if (this.#isPartial) {
      this.#vanishConsumers(stream, { then, now: { ...then, consumers: new Map() } }, atMs);
      return;
    }
    const { sample } = then;
    this.#gone.set(stream, sample);
    this.#hold({ kind: 'stream', name: stream, before: sample, finished: 0 }, { stream }, atMs);
  }

  #vanishConsumers(
    stream: string,
    { then, now }: { readonly then: RememberedStream; readonly now: RememberedStream },
    atMs: number,
  ): void {
    for (const [consumer, before] of then.consumers) {
      if (now.consumers.has(consumer)) continue;
      const place = { stream, consumer };
      this.#hold({ kind: 'consumer-gone', stream, name: consumer, before }, place, atMs);
    }
  }

  #followLeaders(after: ReadingState, announced: readonly Announcement[]): void {
    const { flapping, calm } = this.#leaders.add(after, announced);
    for (const { place, moves } of flapping) {
      this.#hold({ kind: 'leader', ...place, moves }, place, moves[0]?.atMs ?? after.atMs);
    }
    for (const { key, lastMs } of calm) this.#end(`LEADER_FLAPPING ${key}/`, lastMs);
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
    const { rising, ended } = this.#subscriptions.add(open, atMs);
    for (const { key, endedMs } of ended) this.#end(`SUBSCRIPTION_LEAK //${key}`, endedMs);
    for (const { key, facts, sinceMs } of rising) {
      const { connection, address } = facts;
      // Once it is found, it began when it was found to have begun.
      const known = this.#open.get(`SUBSCRIPTION_LEAK //${key}`)?.beganMs;
      this.#hold(facts, { connection: connection || address }, known ?? sinceMs, key);
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

  /** What is over longer than this, and what vanished before and was not created again. */
  #forget(oldestMs: number): void {
    if (oldestMs === -Infinity) return;
    for (const [key, { finding, beganMs, stream }] of this.#open) {
      if (beganMs >= oldestMs || !isGone(finding)) continue;
      this.#open.delete(key);
      if (finding.id === 'STREAM_VANISHED') this.#gone.delete(stream ?? '');
    }
    const repeats = new Map<string, number>();
    const kept = this.#over.toReversed().filter((placed) => {
      const { finding, endedMs = 0, stream, consumer, connection } = placed;
      const key = JSON.stringify([finding.id, stream, consumer, connection]);
      const count = (repeats.get(key) ?? 0) + 1;
      repeats.set(key, count);
      return endedMs >= oldestMs && count <= MOST_REPEATS;
    });
    this.#over = kept.toReversed();
  }
}

/** A removed stream or consumer may never return. */
export function isGone({ id }: PlacedMemory['finding']): boolean {
  return id === 'STREAM_VANISHED' || id === 'CONSUMER_VANISHED';
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

function isDeploy({ kind }: HistoryChange): boolean {
  return kind === 'client_replaced' || kind === 'config';
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
