import type { ConsumerSample, Missing, StreamSample } from './snapshot.js';

/** One quick reading, without a diagnosis. Sorted by name. */
export interface AssetListing {
  readonly streams: readonly StreamSample[];
  /** Of the named stream, or of all streams if they were asked for; by stream, then by name. */
  readonly consumers: readonly ConsumerSample[];
  readonly missing: readonly MissingAsset[];
}

/** A stream, or with `consumer` one of its consumers, that did not answer. */
export interface MissingAsset extends Missing {
  readonly stream: string;
  readonly consumer?: string | undefined;
  /** The server says that there is no such thing: it was there, and was deleted. */
  readonly gone?: boolean;
}
