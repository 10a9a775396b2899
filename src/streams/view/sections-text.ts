import stringWidth from 'string-width';

import type { Style } from '../../terminal/text/style.js';
import { wrap } from '../../terminal/text/findings-text.js';

/** How text is laid out. */
export interface SectionsView {
  readonly style: Style;
  /** Columns of the terminal; undefined where lines may be of any length. */
  readonly width: number | undefined;
}

/** A label and its value, safe for a terminal and painted. */
export type SectionField = readonly [label: string, value: string];

export interface InfoSection {
  readonly title: string;
  readonly fields: readonly SectionField[];
}

/** Sections with a heading and labelled lines; those without a line are left out. Long values wrap. */
export function sectionsText(sections: readonly InfoSection[], view: SectionsView): string {
  const shown = sections.filter(({ fields }) => fields.length > 0);
  const labels = labelWidth(shown.flatMap(({ fields }) => fields));
  return shown
    .map(({ title, fields }) => {
      const heading = view.style.heading(title);
      return `${heading}\n${fields.map((field) => fieldLines(field, labels, view)).join('')}`;
    })
    .join('\n');
}

/** The lines of one section without a heading. */
export function fieldsText(fields: readonly SectionField[], view: SectionsView): string {
  const labels = labelWidth(fields);
  return fields.map((field) => fieldLines(field, labels, view)).join('');
}

const LONGEST_LABEL = 26;
const GAP = 2;

function labelWidth(fields: readonly SectionField[]): number {
  return Math.min(LONGEST_LABEL, Math.max(0, ...fields.map(([label]) => stringWidth(label)))) + GAP;
}

function fieldLines([label, value]: SectionField, labels: number, view: SectionsView): string {
  const { style, width } = view;
  const blanks = ' '.repeat(Math.max(1, labels - stringWidth(label)));
  const indent = ' '.repeat(GAP + labels);
  const room = width === undefined ? Infinity : Math.max(20, width - indent.length);
  const text = wrap(value, room, indent).trimStart();
  return `${' '.repeat(GAP)}${style.dim(label)}${blanks}${text}\n`;
}
