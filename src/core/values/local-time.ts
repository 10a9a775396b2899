/** `3:04PM` in the local time zone. */
export function kitchenTime(epochMs: number): string {
  const date = new Date(epochMs);
  const hours = date.getHours();
  return `${hours % 12 === 0 ? 12 : hours % 12}:${two(date.getMinutes())}${hours < 12 ? 'AM' : 'PM'}`;
}

/** `2026-01-02T15:04:05+01:00` in the local time zone; `Z` where that is UTC. */
export function rfc3339Local(epochMs: number): string {
  const date = new Date(epochMs);
  return `${dayOf(date)}T${clockTime(date)}${offsetOf(date)}`;
}

/** `15:04:05.678` in the local time zone. */
export function localTimeOfDay(epochMs: number): string {
  const date = new Date(epochMs);
  return `${clockTime(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `15:04` in the local time zone, with the date where it is not today's: `2026-01-02 15:04`. */
export function localClock(epochMs: number, nowMs: number): string {
  const date = new Date(epochMs);
  const time = clockTime(date).slice(0, 5);
  return dayOf(date) === dayOf(new Date(nowMs)) ? time : `${dayOf(date)} ${time}`;
}

function dayOf(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function clockTime(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
