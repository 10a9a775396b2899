import stringWidth from 'string-width';

/** An escape sequence that sets a colour. */
const SGR = /(\u001b\[[0-9;]*m)/;

/** A line cut to at most `width` columns, with `…` at its end; colours are kept and reset. */
export function cutLine(line: string, width: number): string {
  if (stringWidth(line) <= width) return line;
  let room = width - 1;
  let kept = '';
  for (const part of line.split(SGR)) {
    if (SGR.test(part)) {
      kept += part;
      continue;
    }
    for (const { segment } of new Intl.Segmenter().segment(part)) {
      room -= stringWidth(segment);
      if (room < 0) return `${kept}…${kept.includes('\u001b') ? '\u001b[0m' : ''}`;
      kept += segment;
    }
  }
  return kept;
}
