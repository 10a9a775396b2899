import { parseByteSize } from '../../core/values/byte-size.js';
import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import type { Random } from '../../core/statistics/random.js';

/** How large message bodies are, in bytes. */
export type SizeSpec =
  | { readonly kind: 'fixed'; readonly bytes: number }
  | { readonly kind: 'range'; readonly minBytes: number; readonly maxBytes: number }
  | { readonly kind: 'mix'; readonly parts: readonly WeightedSize[] };

export interface WeightedSize {
  readonly bytes: number;
  /** Relative share; 80 and 20 mean the same as 4 and 1. */
  readonly weight: number;
}

const FORMS =
  'give a size (128, 1KiB), a range (64..1KiB) or a weighted mix (128:80,1KiB:15,64KiB:5)';

/**
 * Reads `128`, `1KiB`, `64..1KiB` or `128:80,1KiB:15,64KiB:5`. Zero is allowed: a body may be empty.
 * @throws NatsxError `usage`
 */
export function parseSizeSpec(text: string): SizeSpec {
  const trimmed = text.trim();
  if (trimmed.includes(':')) return parseMix(trimmed);
  const range = trimmed.split('..');
  if (range.length === 2) return parseRange(trimmed, range[0] ?? '', range[1] ?? '');
  return { kind: 'fixed', bytes: parseBytes(trimmed, trimmed) };
}

function parseRange(text: string, from: string, to: string): SizeSpec {
  const minBytes = parseBytes(from, text);
  const maxBytes = parseBytes(to, text);
  if (minBytes > maxBytes) throw usageError(`the size range "${text}" ends before it begins`);
  return { kind: 'range', minBytes, maxBytes };
}

function parseMix(text: string): SizeSpec {
  const parts = text.split(',').map((part) => {
    const [size = '', share = ''] = part.split(':');
    const weight = Number(share);
    if (share.trim() === '' || !Number.isFinite(weight) || weight <= 0) {
      throw usageError(`the size mix "${text}" needs a weight above zero in "${part}"`, FORMS);
    }
    return { bytes: parseBytes(size, text), weight };
  });
  return { kind: 'mix', parts };
}

function parseBytes(part: string, whole: string): number {
  const text = part.trim();
  if (text.startsWith('-')) throw usageError(`a message cannot have ${text} bytes`, FORMS);
  try {
    return parseByteSize(text);
  } catch {
    throw usageError(`invalid size ${quoted(whole)}: ${quoted(text)} is not a size`, FORMS);
  }
}

/** Formats a spec in the syntax of `--size`. */
export function formatSizeSpec(spec: SizeSpec): string {
  switch (spec.kind) {
    case 'fixed':
      return String(spec.bytes);
    case 'range':
      return `${spec.minBytes}..${spec.maxBytes}`;
    case 'mix':
      return spec.parts.map((part) => `${part.bytes}:${part.weight}`).join(',');
  }
}

/** The size of the next message. */
export function drawSize(spec: SizeSpec, random: Random): number {
  switch (spec.kind) {
    case 'fixed':
      return spec.bytes;
    case 'range':
      return spec.minBytes + Math.floor(random() * (spec.maxBytes - spec.minBytes + 1));
    case 'mix':
      return drawWeighted(spec.parts, random);
  }
}

function drawWeighted(parts: readonly WeightedSize[], random: Random): number {
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  let left = random() * total;
  for (const part of parts) {
    left -= part.weight;
    if (left < 0) return part.bytes;
  }
  return parts.at(-1)?.bytes ?? 0;
}

/** The largest possible body, in bytes. */
export function maxSize(spec: SizeSpec): number {
  switch (spec.kind) {
    case 'fixed':
      return spec.bytes;
    case 'range':
      return spec.maxBytes;
    case 'mix':
      return Math.max(...spec.parts.map((part) => part.bytes));
  }
}

/** The smallest possible body, in bytes. */
export function minSize(spec: SizeSpec): number {
  switch (spec.kind) {
    case 'fixed':
      return spec.bytes;
    case 'range':
      return spec.minBytes;
    case 'mix':
      return Math.min(...spec.parts.map((part) => part.bytes));
  }
}

/** The expected body size, in bytes. */
export function meanSize(spec: SizeSpec): number {
  switch (spec.kind) {
    case 'fixed':
      return spec.bytes;
    case 'range':
      return (spec.minBytes + spec.maxBytes) / 2;
    case 'mix': {
      const total = spec.parts.reduce((sum, part) => sum + part.weight, 0);
      return spec.parts.reduce((sum, part) => sum + (part.bytes * part.weight) / total, 0);
    }
  }
}
