/** Where a message is in its stream. */
export interface StreamPlace {
  readonly stream: string;
  readonly seq: number;
  /** When the stream took it, by the server's clock: whole milliseconds since the epoch, and the nanoseconds above them. */
  readonly timeMs: number;
  readonly restNs: number;
}

let lastSecond = Number.NaN;
let lastText = '';

/** The time as RFC 3339 in UTC with nine digits, so that texts sort as the times do. */
export function placeTime({ timeMs, restNs }: Pick<StreamPlace, 'timeMs' | 'restNs'>): string {
  const second = Math.floor(timeMs / 1000);
  // Messages that follow each other share their second, and formatting a date is slow.
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().slice(0, 20);
    lastSecond = second;
  }
  const fraction = (timeMs - second * 1000) * 1_000_000 + restNs;
  return `${lastText}${String(fraction).padStart(9, '0')}Z`;
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;

/** Reads an RFC 3339 time; undefined when it is none. */
export function parsePlaceTime(
  text: string,
): { readonly timeMs: number; readonly restNs: number } | undefined {
  const [, second, fraction = '', zone] = TIME.exec(text) ?? [];
  if (second === undefined || zone === undefined) return undefined;
  const secondMs = Date.parse(second + zone);
  if (Number.isNaN(secondMs)) return undefined;
  const fractionNs = Number(fraction.padEnd(9, '0'));
  return {
    timeMs: secondMs + Math.floor(fractionNs / 1_000_000),
    restNs: fractionNs % 1_000_000,
  };
}
