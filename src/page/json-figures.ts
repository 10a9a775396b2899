import { formatByteSize } from '../core/values/byte-size.js';
import { formatDuration, formatDurationMs } from '../core/values/duration.js';
import { formatCount, formatRate } from '../core/wording.js';
import type { Cell, PageCondition } from './document.js';

/** How a number is written, by the unit at the end of its key. */
const FORMATS: readonly (readonly [suffix: string, format: (value: number) => string])[] = [
  ['_ns', formatDuration],
  ['_ms', formatDurationMs],
  ['_s', (value) => formatDurationMs(value * 1000)],
  ['_bytes', formatByteSize],
];
const RATE = '_per_s';

/**
 * Reads figures from the JSON document that the page embeds, so that a figure on the page is the figure in the JSON.
 */
export class JsonFigures {
  readonly #document: unknown;

  constructor(document: unknown) {
    this.#document = document;
  }

  /**
   * The number at this place; `–` where there is none.
   *
   * @param at keys with dots between them: `totals.rate_per_s`, `repeats.0.lost`
   * @param format by default in the unit of its key
   */
  figure(at: string, format = formatOf(at)): Cell {
    const value = this.number(at);
    return value === undefined ? '–' : { text: format(value), value, at };
  }

  number(at: string): number | undefined {
    const value = this.#find(at);
    return typeof value === 'number' ? value : undefined;
  }

  /** The values at this place, and below it, as conditions: `server.round_trip_ns` is `server round trip`. */
  conditions(at: string, label = ''): readonly PageCondition[] {
    const value = this.#find(at);
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) {
      return value.length === 0 ? [] : [{ label, value: value.map(String).join(', ') }];
    }
    if (typeof value === 'object') {
      return Object.keys(value).flatMap((key) =>
        this.conditions(`${at}.${key}`, `${label} ${wordsOf(key)}`.trim()),
      );
    }
    if (typeof value === 'boolean') return [{ label, value: value ? 'yes' : 'no' }];
    if (typeof value === 'number') return [{ label, value: this.figure(at) }];
    return typeof value === 'string' ? [{ label, value }] : [];
  }

  #find(at: string): unknown {
    let value: unknown = this.#document;
    for (const key of at.split('.')) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Readonly<Record<string, unknown>>)[key];
    }
    return value;
  }
}

function formatOf(at: string): (value: number) => string {
  if (at.endsWith(RATE)) return formatRate;
  return FORMATS.find(([suffix]) => at.endsWith(suffix))?.[1] ?? formatCount;
}

/** A key without its unit. */
function wordsOf(key: string): string {
  const suffix = [RATE, ...FORMATS.map(([one]) => one)].find((one) => key.endsWith(one)) ?? '';
  return key.slice(0, key.length - suffix.length).replaceAll('_', ' ');
}
