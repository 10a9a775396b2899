import type { ConsumerFacts } from '../model/consumer-facts.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { formatCompact } from '../../core/wording.js';

/** Values of a backlog report as shown in tables; a dash means unknown. */

const UNKNOWN = '–';

/** With an arrow for its trend: `↑1.2k`, `↓40`, `=7`. */
export function backlogCell(facts: ConsumerFacts | undefined): string {
  if (facts === undefined) return UNKNOWN;
  return `${ARROWS[facts.drain.trend]}${formatCompact(facts.backlog)}`;
}

const ARROWS = { growing: '↑', draining: '↓', flat: '=', empty: '', unknown: '' } as const;

/** `3h10m`; with a tilde if estimated. */
export function ageCell(facts: ConsumerFacts | undefined): string {
  if (facts?.oldestAgeMs === undefined) return UNKNOWN;
  if (facts.backlog === 0) return '';
  const estimated = facts.lookups.oldest?.estimated === true ? '~' : '';
  return `${estimated}${formatDurationMs(facts.oldestAgeMs)}`;
}

export function rateCell(perS: number | undefined): string {
  if (perS === undefined) return UNKNOWN;
  return perS > 0 && perS < 9.95 ? String(Number(perS.toPrecision(2))) : formatCompact(perS);
}

/** Time until drained; `never` if the backlog does not shrink, empty if the consumer keeps up. */
export function etaCell(facts: ConsumerFacts | undefined): string {
  if (facts === undefined || facts.drain.trend === 'unknown') return UNKNOWN;
  if (facts.backlog === 0) return '';
  // A few messages in flight are normal; "never" would be alarming.
  if (facts.drain.etaS === undefined && facts.keepsUp) return '';
  return facts.drain.etaS === undefined ? 'never' : formatDurationMs(facts.drain.etaS * 1000);
}

/** Time until unread messages are discarded; empty if they will not be. */
export function lossCell(inMs: number | undefined): string {
  if (inMs === undefined) return '';
  return inMs < 1000 ? 'now' : formatDurationMs(inMs);
}
