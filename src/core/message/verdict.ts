/**
 * What a worker says about a message that its consumer delivered; `leave` says nothing, so it may be delivered again.
 */
export type WorkVerdict =
  | { readonly type: 'ack' }
  /** It is to be delivered again, after this time in milliseconds; 0 is at once. */
  | { readonly type: 'nak'; readonly delayMs: number }
  | { readonly type: 'leave' };

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

/**
 * How long a message that failed waits for its next delivery: what the consumer's own backoff says, else a second that
 * doubles with each delivery, up to a minute.
 *
 * @param delivered how often it was delivered, this time included
 * @param backoffNs the consumer's `backoff`, in nanoseconds
 * @returns milliseconds
 */
export function redeliveryDelayMs(delivered: number, backoffNs: readonly number[] = []): number {
  const step = Math.max(0, delivered - 1);
  const configured = backoffNs[Math.min(step, backoffNs.length - 1)];
  if (configured !== undefined) return configured / 1e6;
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(step, 16));
}

/** The payload of the acknowledgement. */
export function verdictBody(verdict: Exclude<WorkVerdict, { readonly type: 'leave' }>): string {
  if (verdict.type === 'ack') return '+ACK';
  if (verdict.delayMs <= 0) return '-NAK';
  return `-NAK ${JSON.stringify({ delay: Math.round(verdict.delayMs * 1e6) })}`;
}
