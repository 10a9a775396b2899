import type { NumberRange } from './number-set.js';

/** What a publisher sends when it is done, so that a remote receiver knows what had to arrive. */
export interface EndMark {
  /** Number of publishers of the run. */
  readonly publishers: number;
  readonly sent: number;
  /** Ranges that JetStream did not acknowledge; undefined without acknowledgements, or if they do not fit into a message. */
  readonly inDoubt: readonly NumberRange[] | undefined;
  /** Whether messages are acknowledged at all. */
  readonly acknowledges: boolean;
}

/** With more ranges, the mark may exceed the server's max_payload. */
const MOST_RANGES = 10_000;

export function encodeEndMark(mark: EndMark): Uint8Array {
  const { publishers, sent, acknowledges, inDoubt = [] } = mark;
  const fits = inDoubt.length <= MOST_RANGES;
  const ranges = fits && { in_doubt: inDoubt.map(({ from, to }) => [from, to]) };
  return new TextEncoder().encode(
    JSON.stringify({ publishers, sent, acknowledges, ...(acknowledges && ranges) }),
  );
}

interface EndMarkJson {
  readonly publishers: number;
  readonly sent: number;
  readonly acknowledges: boolean;
  readonly in_doubt?: readonly (readonly [number, number])[];
}

/** @param text what follows an envelope with a valid checksum */
export function decodeEndMark(text: Uint8Array): EndMark {
  const json = JSON.parse(new TextDecoder().decode(text)) as EndMarkJson;
  return {
    publishers: json.publishers,
    sent: json.sent,
    acknowledges: json.acknowledges,
    inDoubt: json.in_doubt?.map(([from, to]) => ({ from, to })),
  };
}
