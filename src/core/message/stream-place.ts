/** Where a message is in its stream. */
export interface StreamPlace {
  readonly stream: string;
  readonly seq: number;
  /**
   * When the stream took it, by the server's clock: whole milliseconds since the epoch, and the nanoseconds above them.
   */
  readonly timeMs: number;
  readonly restNs: number;
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
