/** A secret that was taken out of a text: the run that did it, and what the secret was, by a hash of that run. */
const MARK = /\[redacted ([0-9a-f]{6}) ([0-9a-f]{8})\]$/;
const HIDDEN = '[redacted]';

/** @param shown what may be shown of the text; empty for nothing */
export function markSecret(shown: string, run: string, hash: string): string {
  return `${shown}[redacted ${run} ${hash}]`;
}

/** What may be shown of a text, and its mark; both may be empty. */
export function splitMark(text: string): readonly [shown: string, mark: string] {
  const [mark = ''] = MARK.exec(text) ?? [];
  return [text.slice(0, text.length - mark.length), mark];
}

/** The text as it may be shown. */
export function withoutMark(text: string): string {
  const shown = text.replace(MARK, '');
  if (shown === text) return text;
  return shown === '' ? HIDDEN : shown;
}

/** Whether two texts are the same, as far as can be known: secrets of different runs cannot be compared. */
export function isSameText(a: string, b: string): boolean {
  if (a === b) return true;
  const [, runA] = MARK.exec(a) ?? [];
  const [, runB] = MARK.exec(b) ?? [];
  if (runA === undefined || runB === undefined || runA === runB) return false;
  return withoutMark(a) === withoutMark(b);
}
