import type { NumberRange } from './number-set.js';

/** What a publisher says when it is done, so that a receiver elsewhere knows what had to come. */
export interface EndMark {
  /** How many publishers the run has. */
  readonly publishers: number;
  readonly sent: number;
  /** What JetStream did not acknowledge; undefined without acknowledgements, or when it does not fit into a message. */
  readonly inDoubt: readonly NumberRange[] | undefined;
  /** Whether messages are acknowledged at all. */
  readonly acknowledges: boolean;
}

/** More ranges make a mark that a server may find too large. */
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

/** @param text what follows the envelope, whose checksum was right */
export function decodeEndMark(text: Uint8Array): EndMark {
  const json = JSON.parse(new TextDecoder().decode(text)) as EndMarkJson;
  return {
    publishers: json.publishers,
    sent: json.sent,
    acknowledges: json.acknowledges,
    inDoubt: json.in_doubt?.map(([from, to]) => ({ from, to })),
  };
}
