import type { Plot } from './plots/plot.js';
import type { Tone } from './tone.js';

/**
 * A report as data: what `renderPage` turns into one HTML file. Features map their reports to it. All texts are plain
 * text; the page escapes them.
 */
export interface PageDocument {
  /** What was run, as in `bench pubsub`: the heading of the page and its title. */
  readonly title: string;
  /** What the page is about, below the title: a subject, a stream, a server. */
  readonly subtitle?: string | undefined;
  /** When it was measured or read, in milliseconds since the epoch. */
  readonly atMs: number;
  /** The answer, which is shown first. */
  readonly verdict: PageVerdict;
  /** The most important figures, shown below the verdict. */
  readonly figures: readonly PageFigure[];
  readonly sections: readonly PageSection[];
  /** Under which conditions it was measured: versions, settings, limits. */
  readonly conditions: readonly PageCondition[];
  readonly origin: PageOrigin;
  /** The document of `--json`, embedded in the page. */
  readonly json: unknown;
}

/** What made the page. */
export interface PageOrigin {
  /** The command line to repeat it, without secrets. */
  readonly command: string;
  /** Version of natsx. */
  readonly version: string;
}

export interface PageVerdict {
  readonly tone: Tone;
  /** One or two words: `kept`, `critical`, `faster`. */
  readonly word: string;
  readonly sentence: string;
}

export interface PageFigure {
  readonly label: string;
  readonly value: Cell;
  /** What the value means or how it scatters, in a few words. */
  readonly note?: string | undefined;
  readonly tone?: Tone | undefined;
}

export interface PageCondition {
  readonly label: string;
  readonly value: Cell;
}

export interface PageSection {
  readonly title: string;
  readonly blocks: readonly PageBlock[];
}

export type PageBlock =
  | { readonly kind: 'text'; readonly text: string; readonly tone?: Tone | undefined }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | PageTable
  | PageFinding
  | { readonly kind: 'plot'; readonly plot: Plot };

export interface PageTable {
  readonly kind: 'table';
  /** What the table shows, for people who cannot see where it is. */
  readonly caption: string;
  readonly columns: readonly PageColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface PageColumn {
  readonly title: string;
  readonly align?: 'right' | undefined;
}

/** Something that was found, with what it rests on and what helps. */
export interface PageFinding {
  readonly kind: 'finding';
  readonly tone: Tone;
  /** Its severity in a word. */
  readonly word: string;
  readonly id: string;
  /** On what it was found. */
  readonly where: string;
  readonly sentence: string;
  /** `key=value` pairs. */
  readonly evidence: readonly string[];
  readonly commands: readonly string[];
}

/** A text, or a figure with the number behind it. */
export type Cell = string | FigureCell | TextCell;

/** A number as people read it, with its exact value and where it is in the JSON document. */
export interface FigureCell {
  readonly text: string;
  readonly value: number;
  /** Keys with dots between them: `totals.rate_per_s`, `repeats.0.lost`. */
  readonly at: string;
  readonly tone?: Tone | undefined;
}

export interface TextCell {
  readonly text: string;
  readonly tone?: Tone | undefined;
  /** A name or a command, in a font of fixed width. */
  readonly code?: boolean | undefined;
}
