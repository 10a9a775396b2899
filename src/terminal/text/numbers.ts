import { formatByteSize } from '../../core/values/byte-size.js';
import { threeDigits } from '../../core/values/three-digits.js';

/** A whole number with its thousands apart: `1,234,567`. */
export function formatCount(count: number): string {
  // toLocaleString would load the tables of all languages: five milliseconds for three commas.
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ',');
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

/** A latency with its unit apart: `850 ns`, `224 µs`, `1.25 ms`, `3.2 s`; `–` where nothing was measured. */
export function formatLatency(latencyNs: number): string {
  if (!Number.isFinite(latencyNs)) return '–';
  if (latencyNs < 0) return `-${formatLatency(-latencyNs)}`;
  if (latencyNs < 999.5) return `${Math.round(latencyNs)} ns`;
  if (latencyNs < 999.5e3) return `${threeDigits(latencyNs / 1e3)} µs`;
  if (latencyNs < 999.5e6) return `${threeDigits(latencyNs / 1e6)} ms`;
  return `${threeDigits(latencyNs / 1e9)} s`;
}

/** A share of 1 in percent: `0 %`, `0.4 %`, `12.5 %`, `100 %`; what is neither nothing nor all never looks like it. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (!Number.isFinite(percent)) return '–';
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  if (percent < 100 && percent > 99.9) return '>99.9 %';
  return `${Number(percent.toFixed(1))} %`;
}

/** One thing or several: `1 message`, `2,000 messages`. */
export function formatAmount(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}
