import { crosses, type Threshold } from '../../core/values/threshold.js';
import { valueOf, valueText } from './fail-condition.js';
import { isIgnored } from './rules/standing.js';
import type { BacklogReport } from './report.js';
import { formatCount } from '../../core/wording.js';

/** A condition that a consumer does not meet yet. */
export interface UnmetCondition {
  readonly stream: string;
  readonly consumer: string;
  readonly condition: string;
  readonly field: string;
  /** Undefined if it could not be read. */
  readonly value: number | undefined;
}

/** How far the consumers of one reading are. */
export interface WaitState {
  readonly consumers: number;
  /** The largest values first. */
  readonly left: readonly UnmetCondition[];
  /** What could not be read; then the conditions are not met, whatever the rest says. */
  readonly unread: string | undefined;
}

/**
 * Every consumer of the report must meet every condition. Consumers marked with `io.natsx.ignore` do not count, unless
 * one was given by name.
 */
export function waitState(
  report: BacklogReport,
  conditions: readonly Threshold[],
  isNamed: boolean,
): WaitState {
  const consumers = report.streams
    .flatMap((stream) => stream.consumers)
    .filter(({ facts }) => isNamed || facts === undefined || !isIgnored(facts));
  const left = consumers.flatMap((consumer) =>
    conditions.flatMap((condition): readonly UnmetCondition[] => {
      const { field, text } = condition;
      const value = valueOf(consumer, field);
      if (crosses(condition, value) === true) return [];
      return [{ stream: consumer.stream, consumer: consumer.name, condition: text, field, value }];
    }),
  );
  const unread = report.missing.find(({ kind }) =>
    ['streams', 'stream', 'consumers', 'consumer'].includes(kind),
  );
  return {
    consumers: consumers.length,
    left: left.toSorted((a, b) => (b.value ?? Infinity) - (a.value ?? Infinity)),
    unread: unread && `${unread.what}: ${unread.detail}`,
  };
}

export function isMet({ consumers, left, unread }: WaitState): boolean {
  return consumers > 0 && left.length === 0 && unread === undefined;
}

/** `backlog<1 for ORDERS mail (it is 15,705) and 3 more`; what could not be read if that is all. */
export function unmetText({ left, unread }: WaitState): string {
  const [first] = left;
  if (first === undefined) return unread === undefined ? 'no consumers' : `not read: ${unread}`;
  const { condition, stream, consumer, field, value } = first;
  const amount =
    value === undefined ? `its ${field} is unknown` : `it is ${valueText(field, value)}`;
  const more = left.length > 1 ? `, and ${formatCount(left.length - 1)} more` : '';
  return `${condition} for ${stream} ${consumer} (${amount})${more}`;
}
