import { formatByteSize } from './values/byte-size.js';
import { threeDigits } from './values/decimal.js';

/** How natsx writes amounts for people, in sentences and in tables; JSON has the plain numbers. */

/** A whole number with its thousands apart, never abbreviated: `1,234,567`. */
export function formatCount(count: number): string {
  // toLocaleString would load the tables of all languages: five milliseconds for three commas.
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** The form that a word has with this number of things: `agree(1, 'is', 'are')` is `is`. */
export function agree(count: number, one: string, many: string): string {
  return Math.round(count) === 1 ? one : many;
}

/** One thing or several: `1 message`, `2,000 messages`, `0 replies`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${formatCount(count)} ${agree(count, noun, nouns)}`;
}

/** `once`, `3 times`. */
export function howOften(count: number): string {
  return agree(count, 'once', `${formatCount(count)} times`);
}

/** The first few names and how many more there are: `a, b and 3 more`. */
export function someNames(names: readonly string[], most: number): string {
  const shown = names.slice(0, most);
  const more = names.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${formatCount(more)} more`;
}

const STEPS = ['', 'k', 'M', 'G', 'T'] as const;

/** A number in three digits at most: `0`, `12`, `999`, `1.2k`, `512k`, `1.25M`. */
export function formatCompact(value: number): string {
  if (value < 0) return `-${formatCompact(-value)}`;
  let amount = value;
  let step = 0;
  while (amount >= 999.5 && step < STEPS.length - 1) {
    amount /= 1000;
    step += 1;
  }
  return `${threeDigits(amount)}${STEPS[step] ?? ''}`;
}

/** Messages per second: `512k msg/s`. */
export function formatRate(messagesPerSecond: number): string {
  return `${formatCompact(messagesPerSecond)} msg/s`;
}

/** Bytes per second: `61.2 MiB/s`. */
export function formatThroughput(bytesPerSecond: number): string {
  return `${formatByteSize(bytesPerSecond)}/s`;
}

/** A share of 1: `0%`, `0.4%`, `12.5%`, `100%`; what is neither nothing nor all never looks like it. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (!Number.isFinite(percent)) return '–';
  if (percent > 0 && percent < 0.1) return '<0.1%';
  if (percent < 100 && percent > 99.9) return '>99.9%';
  return `${Number(percent.toFixed(1))}%`;
}

/** `1 message waits`, `40 messages wait`. */
export function messagesWait(messages: number): string {
  return `${plural(messages, 'message')} ${agree(messages, 'waits', 'wait')}`;
}
