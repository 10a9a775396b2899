/** `3:04PM` in the local time zone. */
export function kitchenTime(epochMs: number): string {
  const date = new Date(epochMs);
  const hours = date.getHours();
  return `${hours % 12 === 0 ? 12 : hours % 12}:${two(date.getMinutes())}${hours < 12 ? 'AM' : 'PM'}`;
}

/** `2026-01-02T15:04:05+01:00` in the local time zone; `Z` where that is UTC. */
export function rfc3339Local(epochMs: number): string {
  const date = new Date(epochMs);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${clockTime(date)}${offsetOf(date)}`;
}

/** `15:04:05.678` in the local time zone. */
export function localTimeOfDay(epochMs: number): string {
  const date = new Date(epochMs);
  return `${clockTime(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
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
