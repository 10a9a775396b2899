import type { StreamPlace } from './stream-place.js';

/**
 * Times of messages as text. Consecutive messages share their second and often their millisecond, and formatting a date
 * costs as much as the rest of a line of JSON: whoever prints many messages keeps one of these.
 */
export class TimeTexts {
  #ms = Number.NaN;
  #msText = '';
  #second = Number.NaN;
  #secondText = '';

  /** RFC 3339 in UTC with milliseconds. */
  iso(timeMs: number): string {
    if (timeMs !== this.#ms) {
      this.#msText = new Date(timeMs).toISOString();
      this.#ms = timeMs;
    }
    return this.#msText;
  }

  /** RFC 3339 in UTC with nine digits, so that texts sort as the times do. */
  ofPlace({ timeMs, restNs }: Pick<StreamPlace, 'timeMs' | 'restNs'>): string {
    const second = Math.floor(timeMs / 1000);
    if (second !== this.#second) {
      this.#secondText = new Date(second * 1000).toISOString().slice(0, 20);
      this.#second = second;
    }
    const fraction = (timeMs - second * 1000) * 1_000_000 + restNs;
    return `${this.#secondText}${String(fraction).padStart(9, '0')}Z`;
  }
}
