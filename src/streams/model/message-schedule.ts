import { NatsxError, usageError } from '../../core/errors.js';
import type { MessageHeaders } from '../../core/message/message.js';
import { isAtLeast } from '../../core/server-needs.js';
import { parseDurationMs } from '../../core/values/duration.js';
import { nextCronTime, parseCron, wallClockOf } from './cron.js';

const SCHEDULE = 'Nats-Schedule';
const TARGET = 'Nats-Schedule-Target';
const SOURCE = 'Nats-Schedule-Source';
const TIME_TO_LIVE = 'Nats-Schedule-TTL';
const TIME_ZONE = 'Nats-Schedule-Time-Zone';

/** When a schedule publishes. */
export type ScheduleRule =
  | { readonly kind: 'at'; readonly timeMs: number }
  | { readonly kind: 'every'; readonly intervalMs: number }
  | { readonly kind: 'cron'; readonly expression: string; readonly timeZone: string | undefined };

/** What the command line says about a schedule; `at` in milliseconds since the epoch, `every` in milliseconds. */
export interface ScheduleChoice {
  readonly at?: number | undefined;
  readonly every?: number | undefined;
  readonly cron?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly target?: string | undefined;
  /** Whose last message is published instead. */
  readonly source?: string | undefined;
  /** As `Nats-TTL` has it. */
  readonly ttl?: string | undefined;
}

/** What is written into the headers of a message that schedules itself. */
export interface NewSchedule {
  readonly rule: ScheduleRule;
  readonly target: string;
  readonly source?: string | undefined;
  readonly ttl?: string | undefined;
}

const SHORTEST_MS = 1000;

/** The schedule that flags name; undefined without any. @throws {NatsxError} usage */
export function chooseSchedule(choice: ScheduleChoice): NewSchedule | undefined {
  const { target, source, ttl, timeZone } = choice;
  const rule = ruleOf(choice);
  const others = [
    ['--schedule-target', target],
    ['--schedule-source', source],
    ['--schedule-ttl', ttl],
    ['--schedule-time-zone', timeZone],
  ] as const;
  if (rule === undefined) {
    const given = others.find(([, value]) => value !== undefined);
    if (given === undefined) return undefined;
    throw usageError(
      `${given[0]} needs a time`,
      'add --schedule-at, --schedule-after, --schedule-every or --schedule-cron',
    );
  }
  if (target === undefined) {
    throw usageError(
      'a schedule needs the subject that it publishes to',
      'add --schedule-target SUBJECT, a subject of the same stream',
    );
  }
  if (timeZone !== undefined && rule.kind !== 'cron') {
    throw usageError('--schedule-time-zone applies to --schedule-cron only');
  }
  return { rule, target, source, ttl };
}

function ruleOf({ at, every, cron, timeZone }: ScheduleChoice): ScheduleRule | undefined {
  if (at !== undefined) return { kind: 'at', timeMs: at };
  if (every !== undefined) {
    if (every < SHORTEST_MS) {
      throw usageError('a schedule cannot repeat that often', 'the shortest interval is 1s');
    }
    return { kind: 'every', intervalMs: every };
  }
  if (cron === undefined) return undefined;
  const fields = parseCron(cron);
  if (nextCronTime(fields, Date.UTC(2025), wallClockOf(timeZone)) === undefined) {
    throw usageError('the cron expression matches no day', 'check day of month and month');
  }
  return { kind: 'cron', expression: cron, timeZone };
}

/** The headers that make a message a schedule. */
export function scheduleHeaders({ rule, target, source, ttl }: NewSchedule): MessageHeaders {
  const named: readonly (readonly [string, string | undefined])[] = [
    [SCHEDULE, ruleText(rule)],
    [TARGET, target],
    [SOURCE, source],
    [TIME_TO_LIVE, ttl],
    [TIME_ZONE, rule.kind === 'cron' ? rule.timeZone : undefined],
  ];
  return new Map(
    named.flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]] as const])),
  );
}

function ruleText(rule: ScheduleRule): string {
  switch (rule.kind) {
    case 'at':
      return `@at ${new Date(rule.timeMs).toISOString().replace('.000Z', 'Z')}`;
    case 'every':
      return `@every ${goDuration(rule.intervalMs)}`;
    case 'cron':
      return rule.expression;
  }
}

/** The server reads hours, minutes and seconds, but no days. */
function goDuration(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (!Number.isInteger(seconds)) return `${durationMs}ms`;
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
}

const AT_SINCE = '2.12';
const REPEATS_SINCE = '2.14';

/** @throws {NatsxError} rejected — an older server would store the message, and publish nothing */
export function checkScheduleNeeds(schedule: NewSchedule | undefined, serverVersion: string): void {
  if (schedule === undefined || serverVersion === '') return;
  const isPlain = schedule.rule.kind === 'at' && schedule.source === undefined;
  const needs = isPlain ? AT_SINCE : REPEATS_SINCE;
  if (isAtLeast(serverVersion, needs)) return;
  const what = isPlain ? 'schedules' : 'schedules that repeat or have a source';
  throw tooOld(what, serverVersion, needs);
}

/** @throws {NatsxError} rejected — the server has no schedules */
export function checkSchedulesKnown(serverVersion: string): void {
  if (serverVersion !== '' && !isAtLeast(serverVersion, AT_SINCE))
    throw tooOld('schedules', serverVersion, AT_SINCE);
}

function tooOld(what: string, serverVersion: string, needs: string): NatsxError {
  return new NatsxError(
    'rejected',
    `the server is too old for ${what}: it is ${serverVersion}, they need ${needs}`,
    {
      hint: 'update the server, or publish when it is time',
      details: { server_version: serverVersion, needs },
    },
  );
}

/** A stored message that publishes another one. */
export interface MessageSchedule {
  /** As the header has it. */
  readonly pattern: string;
  /** Undefined for a pattern that cannot be read. */
  readonly rule: ScheduleRule | undefined;
  /** When it is due; absent for a repeating schedule. */
  readonly dueMs?: number | undefined;
  readonly target?: string | undefined;
}

/** Undefined for a message that is not a schedule. */
export function scheduleOf(headers: MessageHeaders | undefined): MessageSchedule | undefined {
  const pattern = headers?.get(SCHEDULE)?.[0];
  if (pattern === undefined) return undefined;
  const target = headers?.get(TARGET)?.[0];
  const rule = readRule(pattern.trim(), headers?.get(TIME_ZONE)?.[0]);
  return { pattern, rule, dueMs: rule?.kind === 'at' ? rule.timeMs : undefined, target };
}

function readRule(pattern: string, timeZone: string | undefined): ScheduleRule | undefined {
  const [, word, value = ''] = /^@(at|every)\s+(\S+)$/.exec(pattern) ?? [];
  try {
    if (word === 'every') return { kind: 'every', intervalMs: parseDurationMs(value) };
    if (word === 'at') {
      const timeMs = Date.parse(value);
      return Number.isNaN(timeMs) ? undefined : { kind: 'at', timeMs };
    }
    parseCron(pattern);
    return { kind: 'cron', expression: pattern, timeZone };
  } catch {
    return undefined;
  }
}

/** The time that a published message names for the next one of its schedule; undefined if it has another schedule. */
export function statedNextMs(
  headers: MessageHeaders | undefined,
  scheduler: string,
): number | undefined {
  if (headers?.get('Nats-Scheduler')?.[0] !== scheduler) return undefined;
  const timeMs = Date.parse(headers.get('Nats-Schedule-Next')?.[0] ?? '');
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** When a stored schedule publishes next; in the past if it is late. Milliseconds since the epoch. */
export function nextRunMs(
  rule: ScheduleRule,
  known: {
    readonly storedMs: number;
    readonly nowMs: number;
    /** As the last message that it published says. */
    readonly statedMs: number | undefined;
  },
): number | undefined {
  const { storedMs, nowMs, statedMs } = known;
  if (rule.kind === 'at') return rule.timeMs;
  // A schedule that was replaced in the meantime is a new one.
  if (statedMs !== undefined && statedMs > storedMs) return statedMs;
  if (rule.kind === 'cron') {
    const clock = wallClockOf(rule.timeZone);
    return nextCronTime(parseCron(rule.expression), Math.max(storedMs, nowMs), clock);
  }
  const { intervalMs } = rule;
  const firstMs = Math.round(storedMs / 1000) * 1000 + intervalMs;
  const missed = Math.max(0, Math.ceil((nowMs - firstMs) / intervalMs));
  return firstMs + missed * intervalMs;
}
