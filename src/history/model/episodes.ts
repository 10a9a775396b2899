import { plural } from '../../core/wording.js';
import type { HistoryChange, PlacedMemory } from '../../backlog/model/memory/memory-facts.js';
import { changeText } from '../../backlog/model/memory/memory-rules.js';
import { CAUSE_MS } from '../../backlog/model/memory/memory.js';
import type { BacklogReport } from '../../backlog/model/report.js';
import type { BacklogFinding } from '../../backlog/model/rules/rule-types.js';
import { isAlarm } from '../../core/findings/severity.js';
import type { Announcement } from '../../backlog/model/memory/announced.js';

/** Something that happened, in words. */
export interface Happening {
  readonly atMs: number;
  readonly kind: string;
  readonly summary: string;
}

/** How a consumer, or a whole stream, stood at one reading of an episode. */
export interface EpisodeStep {
  readonly atMs: number;
  readonly verdict: string;
  readonly backlog: number;
}

/** A time with warnings or critical findings. */
export interface Episode {
  readonly beganMs: number;
  /** Absent: it goes on at the end of the history. */
  readonly endedMs?: number | undefined;
  /** Each id once for each stream or consumer, as it was found last. */
  readonly findings: readonly BacklogFinding[];
  /** What happened in the two minutes before, and when it began. */
  readonly before: readonly Happening[];
  /** Readings at which the verdict changed, and the last one. */
  readonly steps: readonly EpisodeStep[];
}

/** Readings without an alarm that end an episode: one may be luck. */
const CALM_READINGS = 2;

interface OpenEpisode {
  readonly beganMs: number;
  readonly findings: Map<string, BacklogFinding>;
  readonly before: readonly Happening[];
  readonly steps: EpisodeStep[];
  calm: number;
  calmMs: number;
}

/** Gathers episodes from reports and changes in the order of time. */
export class EpisodeGathering {
  readonly #done: Episode[] = [];
  #open: OpenEpisode | undefined;
  #recent: Happening[] = [];

  add(
    report: BacklogReport,
    happened: {
      readonly changes: readonly HistoryChange[];
      readonly events: readonly Announcement[];
    },
    /** Findings of memory that this reading added, and those that are still so. */
    memory: readonly PlacedMemory[],
  ): void {
    const { atMs } = report;
    const happenings = [...happened.changes.map(ofChange), ...happened.events.map(ofEvent)];
    this.#recent = [...this.#recent, ...happenings.toSorted((a, b) => a.atMs - b.atMs)];
    const alarms = alarmsOf(report, memory);
    const oldestMs = (this.#open?.beganMs ?? atMs) - 2 * CAUSE_MS;
    this.#recent = this.#recent.filter((one) => one.atMs >= oldestMs);
    if (alarms.size === 0) {
      this.#calm(atMs);
      return;
    }
    this.#open ??= this.#begin(atMs, memory);
    this.#open.calm = 0;
    for (const [key, finding] of alarms) this.#open.findings.set(key, finding);
    for (const { consumer, stream, finding } of memory) {
      this.#open.findings.set(`${finding.id} ${stream ?? ''}/${consumer ?? ''}`, finding);
    }
    const step = stepOf(report);
    const last = this.#open.steps.at(-1);
    if (last?.verdict !== step.verdict) this.#open.steps.push(step);
  }

  /** @param atMs of the last reading */
  finish(): readonly Episode[] {
    if (this.#open !== undefined) this.#end(undefined);
    return this.#done;
  }

  #begin(atMs: number, memory: readonly PlacedMemory[]): OpenEpisode {
    // A verdict needs some readings; the backlog began with the first of them.
    const began = memory
      .filter(
        ({ beganMs, finding }) => finding.id === 'BACKLOG_SINCE' && beganMs >= atMs - CAUSE_MS,
      )
      .map(({ beganMs }) => beganMs);
    const lastEndMs = this.#done.at(-1)?.endedMs ?? -Infinity;
    const beganMs = Math.max(lastEndMs, Math.min(atMs, ...began));
    const before = this.#recent.filter((one) => one.atMs <= atMs && one.atMs >= beganMs - CAUSE_MS);
    return { beganMs, findings: new Map(), before, steps: [], calm: 0, calmMs: atMs };
  }

  #calm(atMs: number): void {
    if (this.#open === undefined) return;
    if (this.#open.calm === 0) this.#open.calmMs = atMs;
    this.#open.calm += 1;
    if (this.#open.calm >= CALM_READINGS) this.#end(this.#open.calmMs);
  }

  #end(endedMs: number | undefined): void {
    if (this.#open === undefined) return;
    const { beganMs, findings, before, steps } = this.#open;
    const told = [...findings.values()].map((finding) => endedWith(finding, endedMs));
    this.#done.push({ beganMs, endedMs, findings: told, before, steps });
    this.#open = undefined;
  }
}

/** What was still so when the episode ended has ended with it. */
function endedWith(finding: BacklogFinding, endedMs: number | undefined): BacklogFinding {
  if (endedMs === undefined || !('ended_at' in finding) || finding.ended_at !== null)
    return finding;
  return { ...finding, ended_at: new Date(endedMs).toISOString() } as BacklogFinding;
}

function alarmsOf(
  { streams }: BacklogReport,
  memory: readonly PlacedMemory[],
): ReadonlyMap<string, BacklogFinding> {
  const alarms = new Map<string, BacklogFinding>();
  const add = (place: string, findings: readonly BacklogFinding[]): void => {
    for (const finding of findings) {
      if (isAlarm(finding.severity)) alarms.set(`${finding.id} ${place}`, finding);
    }
  };
  for (const stream of streams) {
    add(`${stream.name}/`, stream.findings);
    for (const { name, findings } of stream.consumers) add(`${stream.name}/${name}`, findings);
  }
  for (const { stream, consumer, finding } of memory) {
    add(`${stream ?? ''}/${consumer ?? ''}`, [finding]);
  }
  return alarms;
}

function stepOf({ atMs, streams }: BacklogReport): EpisodeStep {
  const consumers = streams.flatMap((stream) => stream.consumers);
  const worst = consumers.find(({ severity }) => isAlarm(severity)) ?? streams[0];
  const backlog = consumers.reduce((sum, { facts }) => sum + (facts?.backlog ?? 0), 0);
  return { atMs, verdict: worst?.verdict ?? 'OK', backlog };
}

function ofChange(change: HistoryChange): Happening {
  const { atMs, kind, stream, consumer, before, after } = change;
  const name = consumer === null ? `stream ${stream ?? ''}` : `consumer ${consumer}`;
  const words: Partial<Record<HistoryChange['kind'], string>> = {
    stream_created: `${name} was created`,
    stream_vanished: `${name} is gone`,
    stream_recreated: `${name} was deleted and created again`,
    stream_purged: `${name} was purged: ${String(before)} to ${String(after)} messages`,
    consumer_created: `${name} was created`,
    consumer_vanished: `${name} is gone`,
    consumer_recreated: `${name} was deleted and created again`,
    client_connected: `client ${change.key ?? ''} connected`,
    client_left: `client ${change.key ?? ''} left`,
    client_replaced: changeText(change),
    version: `server version ${String(before)} to ${String(after)}`,
  };
  return { atMs, kind, summary: words[kind] ?? `${name}: ${changeText(change)}` };
}

function ofEvent({ atMs, kind, stream, consumer, count, leader }: Announcement): Happening {
  const name = consumer === undefined ? `stream ${stream}` : `consumer ${consumer} of ${stream}`;
  const more = leader === undefined ? '' : `: ${leader}`;
  const often = count > 1 ? `, ${plural(count, 'time')}` : '';
  const requested = { leader_stepdown: 'leader step-down', peer_removed: 'peer removal' } as const;
  if (kind === 'leader_stepdown' || kind === 'peer_removed') {
    return { atMs, kind, summary: `requested: ${requested[kind]}, ${name}${often}` };
  }
  return { atMs, kind, summary: `announced: ${kind.replaceAll('_', ' ')}, ${name}${more}${often}` };
}
