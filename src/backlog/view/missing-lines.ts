import type { BacklogReport } from '../model/report.js';
import { wrap } from '../../terminal/text/findings-text.js';
import type { Style } from '../../terminal/text/style.js';

/** What could not be read, and what is unknown because of it. */
export function missingLines({ missing }: BacklogReport, style: Style, context?: string): string {
  if (missing.length === 0) return '';
  const where = context === undefined ? '' : ` in ${context}`;
  const lines = missing
    .slice(0, 5)
    .map(({ what, why, detail }) =>
      wrap(`not read${where}: ${what} (${why}): ${detail}`, 78, '  '),
    );
  const more = missing.length > 5 ? [`and ${String(missing.length - 5)} more`] : [];
  return `${[...lines, ...more].map((line) => style.warn(line)).join('\n')}\n`;
}
