import { usageError } from '../errors.js';
import { parseExactJson } from './exact-json.js';
import { decodeUtf8, quoted } from '../printable.js';

/** The value at a place in a JSON document, `undefined` when there is none. */
export type JsonLookup = (document: unknown) => unknown;

const STEP = /\.([^.[\]"\s]+)|\[(\d+)\]|\.?\["((?:[^"\\]|\\.)*)"\]/y;

/**
 * Compiles a path such as `.order.items[0].id`, `.["odd key"]`, or `.` for the whole document.
 *
 * @throws usage, naming the place
 */
export function compileJsonPath(path: string): JsonLookup {
  if (path === '.') return (document) => document;
  const steps: (string | number)[] = [];
  for (let at = 0; at < path.length || steps.length === 0;) {
    STEP.lastIndex = at;
    const step = STEP.exec(path);
    if (step === null) {
      throw usageError(
        `invalid JSON path ${quoted(path)}: no step at position ${at + 1}`,
        'write it as .order.items[0].id or .["odd key"]',
      );
    }
    steps.push(stepOf(step));
    at += step[0].length;
  }
  return (document) => steps.reduce<unknown>(childOf, document);
}

/** A payload as JSON, large whole numbers as bigints; parsed once and only when asked for; `undefined` when it is none. */
export function lazyJson(payload: Uint8Array): () => unknown {
  let parsed: { readonly value: unknown } | undefined;
  return () => (parsed ??= { value: parseJson(payload) }).value;
}

function stepOf([, name, index, quotedName]: RegExpExecArray): string | number {
  if (name !== undefined) return name;
  if (index !== undefined) return Number(index);
  return (quotedName ?? '').replace(/\\(.)/g, '$1');
}

function childOf(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (typeof step === 'number' && !Array.isArray(value)) return undefined;
  // Own keys only: a path must not find what every JavaScript object has.
  return Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : undefined;
}

function parseJson(payload: Uint8Array): unknown {
  const text = decodeUtf8(payload);
  if (text === undefined) return undefined;
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}
