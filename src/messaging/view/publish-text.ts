import { formatByteSize } from '../../core/values/byte-size.js';
import type { PublishTotals } from '../model/publish-ledger.js';
import type { PublishResult } from '../model/publish-result.js';
import { formatCount, plural } from '../../core/wording.js';

const BAR_CELLS = 20;

/** `published 3 messages, 36 B`, and how many are unconfirmed. */
export function publishSummary(result: PublishResult): string {
  const { confirmed, unconfirmed, payloadBytes } = result;
  const text = `published ${messages(confirmed)}, ${formatByteSize(payloadBytes)}`;
  return unconfirmed === 0 ? text : `${text}; ${formatCount(unconfirmed)} unconfirmed`;
}

/** One document. */
export function publishJson(result: PublishResult): unknown {
  return {
    published: result.confirmed,
    unconfirmed: result.unconfirmed,
    ...(result.refused > 0 && { refused: result.refused }),
    payload_bytes: result.payloadBytes,
    duration_ms: Math.round(result.durationMs * 1000) / 1000,
  };
}

/** A progress line for a terminal, with a bar if the goal is known. */
export function publishProgress(
  totals: Pick<PublishTotals, 'sent'>,
  elapsedMs: number,
  goal: number | undefined,
): string {
  const rate = elapsedMs > 0 ? (totals.sent * 1000) / elapsedMs : 0;
  const speed = `${formatCount(Math.round(rate))} msg/s`;
  if (goal === undefined) return `published ${messages(totals.sent)} · ${speed}`;
  const share = goal === 0 ? 1 : totals.sent / goal;
  const filled = Math.round(share * BAR_CELLS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
  return `${bar} ${Math.floor(share * 100)}% of ${messages(goal)} · ${speed}`;
}

function messages(count: number): string {
  return plural(count, 'message');
}
