import stringWidth from 'string-width';

/** A sequence of colour, or a character as it is seen. */
const SGR = /(\u001b\[[0-9;]*m)/;

/** One line in at most `width` columns: what does not fit is `…` at its end; colours stay, and end with it. */
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
