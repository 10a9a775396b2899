import { usageError, type NatsxError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

/** A cron expression as nats-server reads it: six fields, seconds first. */
export interface Cron {
  readonly seconds: ReadonlySet<number>;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** With a star in one of both, day and weekday must match; without, one of them is enough. */
  readonly bothDays: boolean;
}

const NAMED: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
};

const HINT =
  "write six fields, seconds first: '0 30 9 * * 1-5' is 9:30 on weekdays; or @hourly, @daily, @weekly, @monthly, @yearly";

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS = {
  seconds: { name: 'second', min: 0, max: 59 },
  minutes: { name: 'minute', min: 0, max: 59 },
  hours: { name: 'hour', min: 0, max: 23 },
  days: { name: 'day of month', min: 1, max: 31 },
  months: { name: 'month', min: 1, max: 12, names: MONTHS },
  weekdays: { name: 'day of week', min: 0, max: 6, names: WEEKDAYS },
} as const satisfies Readonly<Record<string, Field>>;

/** @throws {NatsxError} usage — the server would refuse it */
export function parseCron(text: string): Cron {
  const fields = (NAMED[text] ?? text).split(/\s+/).filter((field) => field !== '');
  if (fields.length !== 6) {
    const count = text.startsWith('@')
      ? 'it is not one of the names'
      : `it has ${fields.length} fields`;
    throw cronError(text, count);
  }
  const [second = '', minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const read = (field: string, facts: Field): ReadonlySet<number> => valuesOf(text, field, facts);
  return {
    seconds: read(second, FIELDS.seconds),
    minutes: read(minute, FIELDS.minutes),
    hours: read(hour, FIELDS.hours),
    days: read(day, FIELDS.days),
    months: read(month, FIELDS.months),
    weekdays: read(weekday, FIELDS.weekdays),
    bothDays: hasStar(day) || hasStar(weekday),
  };
}

function valuesOf(text: string, field: string, facts: Field): ReadonlySet<number> {
  const values = new Set<number>();
  for (const range of field.split(',').filter((part) => part !== '')) {
    for (const value of rangeOf(text, range, facts)) values.add(value);
  }
  return values;
}

function rangeOf(text: string, range: string, facts: Field): readonly number[] {
  const [span = '', step, ...moreSteps] = range.split('/');
  const by = step === undefined ? 1 : wholeOf(step);
  const ends = moreSteps.length > 0 ? undefined : endsOf(span, facts, step !== undefined);
  if (ends === undefined || by === undefined || by < 1)
    throw cronError(text, `${quoted(range)} is not a ${facts.name}`);
  const values: number[] = [];
  for (let value = ends.from; value <= ends.to; value += by) values.push(value);
  return values;
}

/** `5`, `1-5`, `*`; with a step, `5` is everything from 5 on. Undefined for anything else. */
function endsOf(
  span: string,
  facts: Field,
  hasStep: boolean,
): { readonly from: number; readonly to: number } | undefined {
  const [low = '', high, ...more] = span.split('-');
  if (more.length > 0) return undefined;
  if (low === '*' || low === '?') return { from: facts.min, to: facts.max };
  const from = valueOf(low, facts);
  const single = hasStep ? facts.max : from;
  const to = high === undefined ? single : valueOf(high, facts);
  if (from === undefined || to === undefined || from < facts.min) return undefined;
  return to > facts.max || from > to ? undefined : { from, to };
}

function valueOf(word: string, { names, min }: Field): number | undefined {
  const place = names?.indexOf(word.toLowerCase()) ?? -1;
  return place >= 0 ? place + min : wholeOf(word);
}

function wholeOf(text: string): number | undefined {
  return /^\+?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** `*` and `?`, also in a list and with a step of 1. */
function hasStar(field: string): boolean {
  return field.split(',').some((part) => /^[*?](?:-[^/]*)?(?:\/\+?0*1)?$/.test(part));
}

function cronError(text: string, fault: string): NatsxError {
  return usageError(`invalid cron expression ${quoted(text)}: ${fault}`, HINT);
}

/** The wall clock at an instant. */
interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Reads the wall clock of a time zone, of UTC without one. @throws {NatsxError} usage — no such time zone */
export function wallClockOf(timeZone: string | undefined): (timeMs: number) => WallClock {
  if (timeZone === undefined) return utcClock;
  const format = formatFor(timeZone);
  return (timeMs) => {
    const parts = new Map(format.formatToParts(timeMs).map(({ type, value }) => [type, value]));
    const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const weekday = WEEKDAYS.indexOf((parts.get('weekday') ?? '').toLowerCase());
    return {
      year: number('year'),
      month: number('month'),
      day: number('day'),
      weekday,
      hour: number('hour'),
      minute: number('minute'),
      second: number('second'),
    };
  };
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw usageError(
      `unknown time zone ${quoted(timeZone)}`,
      'write a name of the time zone database, such as Europe/Berlin',
    );
  }
}

function utcClock(timeMs: number): WallClock {
  const date = new Date(timeMs);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

const SECOND_MS = 1000;
const YEARS_AHEAD = 5;

/** The first time after `afterMs` that matches, in milliseconds; undefined if there is none within five years. */
export function nextCronTime(
  cron: Cron,
  afterMs: number,
  clock: (timeMs: number) => WallClock,
): number | undefined {
  let timeMs = (Math.floor(afterMs / SECOND_MS) + 1) * SECOND_MS;
  const lastYear = clock(timeMs).year + YEARS_AHEAD;
  for (;;) {
    const wall = clock(timeMs);
    if (wall.year > lastYear) return undefined;
    if (!dayMatches(cron, wall)) timeMs = nextMidnight(timeMs, wall, clock);
    else if (!cron.hours.has(wall.hour))
      timeMs += (3600 - wall.minute * 60 - wall.second) * SECOND_MS;
    else if (!cron.minutes.has(wall.minute)) timeMs += (60 - wall.second) * SECOND_MS;
    else if (!cron.seconds.has(wall.second)) timeMs += SECOND_MS;
    else return timeMs;
  }
}

function dayMatches(cron: Cron, { month, day, weekday }: WallClock): boolean {
  if (!cron.months.has(month)) return false;
  const isDay = cron.days.has(day);
  const isWeekday = cron.weekdays.has(weekday);
  return cron.bothDays ? isDay && isWeekday : isDay || isWeekday;
}

/** The first instant of the next day; a day has 23 or 25 hours when the clocks change. */
function nextMidnight(
  timeMs: number,
  wall: WallClock,
  clock: (timeMs: number) => WallClock,
): number {
  const secondOf = ({ hour, minute, second }: WallClock): number =>
    hour * 3600 + minute * 60 + second;
  const next = timeMs + (86_400 - secondOf(wall)) * SECOND_MS;
  const reached = clock(next);
  if (reached.day === wall.day) return next + (86_400 - secondOf(reached)) * SECOND_MS;
  const back = next - secondOf(reached) * SECOND_MS;
  return clock(back).day === reached.day ? back : next;
}
