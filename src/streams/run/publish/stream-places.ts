import type { PublishAck } from '../../model/publish-ack.js';

/** Sequences by stream: up to there nothing of ours is in doubt. */
export class StreamPlaces {
  readonly #places: Map<string, number>;

  constructor(places: Iterable<readonly [string, number]> = []) {
    this.#places = new Map(places);
  }

  of(stream: string): number | undefined {
    return this.#places.get(stream);
  }

  /** All before it is acknowledged as well. */
  passed({ stream, seq }: PublishAck): void {
    // What cannot be counted on from is looked for from the place before it.
    if (typeof seq === 'bigint') return;
    if (seq > (this.#places.get(stream) ?? 0)) this.#places.set(stream, seq);
  }

  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#places);
  }
}
