import { stringifyExactJson } from './exact-json.js';

/** What a filter compares with: the text that was meant, or what is wrong with it. */
export type FilterValue = { readonly text: string } | { readonly fault: string };

/**
 * Reads the value of a filter: bare, or in double quotes (a JSON string) or single ones, which are not part of it.
 *
 * @param isPattern a regular expression, in which a backslash is its own
 */
export function parseFilterValue(source: string, isPattern: boolean): FilterValue {
  const text = source.trim();
  const quote = text.charAt(0);
  if (quote !== '"' && quote !== "'") {
    const joint = isPattern ? undefined : / (&&|\|\|) /.exec(text)?.[1];
    if (joint === undefined) return { text };
    return {
      fault: `one filter is one test: ${joint} is not part of it (several --filter must all pass; quote a value that has it)`,
    };
  }
  if (isPattern) {
    // Inside an expression, quotes may be literal.
    return { text: text.length > 1 && text.endsWith(quote) ? text.slice(1, -1) : text };
  }
  if (text.length < 2 || !text.endsWith(quote)) {
    return { fault: `its value begins with ${quote} and does not end with it` };
  }
  if (quote === "'") return { text: text.slice(1, -1) };
  try {
    return { text: JSON.parse(text) as string };
  } catch {
    return { fault: 'its value in double quotes is not a JSON string' };
  }
}

/** A value as text; large numbers with all their digits. */
export function filterText(value: unknown): string {
  return typeof value === 'string' ? value : stringifyExactJson(value);
}

/** Whether a field's value is the one that was meant: the same text, or for a JSON number the same number. */
export function equalsFilterValue(value: unknown, wanted: string): boolean {
  if (filterText(value) === wanted) return true;
  if (typeof value !== 'number' && typeof value !== 'bigint') return false;
  return compareNumbers(filterText(value), wanted) === 0;
}

/** Below, at or above zero; NaN, which passes no comparison, when a number meets something that is not one. */
export function compareFilterValue(value: unknown, wanted: string): number {
  const text = filterText(value);
  const order = compareNumbers(text, wanted);
  if (!Number.isNaN(order)) return order;
  if (typeof value !== 'string' || !Number.isNaN(numberOf(wanted))) return Number.NaN;
  return text < wanted ? -1 : text > wanted ? 1 : 0;
}

const WHOLE = /^[-+]?\d+$/;

/** Whole numbers of any size are compared exactly. */
function compareNumbers(left: string, right: string): number {
  const a = left.trim();
  const b = right.trim();
  if (WHOLE.test(a) && WHOLE.test(b)) {
    const difference = wholeNumber(a) - wholeNumber(b);
    return difference === 0n ? 0 : difference < 0n ? -1 : 1;
  }
  return numberOf(a) - numberOf(b);
}

function wholeNumber(text: string): bigint {
  return BigInt(text.replace(/^\+/, ''));
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
