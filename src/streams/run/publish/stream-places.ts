import type { PublishAck } from '../../model/publish-ack.js';

/** Sequences by stream, up to which no message of this replay is in doubt. */
export class StreamPlaces {
  readonly #places: Map<string, number>;

  constructor(places: Iterable<readonly [string, number]> = []) {
    this.#places = new Map(places);
  }

  of(stream: string): number | undefined {
    return this.#places.get(stream);
  }

  /** A message was acknowledged, and all messages before it. */
  passed({ stream, seq }: PublishAck): void {
    // A sequence too large to count from keeps the place before it.
    if (typeof seq === 'bigint') return;
    if (seq > (this.#places.get(stream) ?? 0)) this.#places.set(stream, seq);
  }

  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#places);
  }
}
