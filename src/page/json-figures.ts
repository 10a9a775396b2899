import type { Cell } from './document.js';

/**
 * Reads figures from the JSON document that the page embeds, so that a figure on the page is the figure in the JSON.
 */
export class JsonFigures {
  readonly #document: unknown;

  constructor(document: unknown) {
    // As a reader of the file would find it: without what JSON leaves out.
    this.#document = document;
  }

  /** The number at this place, written by `format`; `–` where there is none. */
  figure(at: string, format: (value: number) => string): Cell {
    const value = this.number(at);
    return value === undefined ? '–' : { text: format(value), value, at };
  }

  /** The number at this place: keys with dots between them. */
  number(at: string): number | undefined {
    const found = this.#find(at);
    return typeof found === 'number' ? found : undefined;
  }

  #find(at: string): unknown {
    let value: unknown = this.#document;
    for (const key of at.split('.')) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Readonly<Record<string, unknown>>)[key];
    }
    return value;
  }
}
