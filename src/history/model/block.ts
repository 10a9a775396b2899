import { ByteSink, ByteSource } from './byte-stream.js';
import { readColumn, writeColumn, type Column } from './column.js';
import type { Names, Row } from './row.js';

/** A series of a block: what one thing was at each of its readings. */
export interface BlockSeries {
  readonly key: string;
  /** One for each reading; undefined where there was nothing. */
  readonly rows: readonly (Row | undefined)[];
}

/** Series that belong together and can be read without the others, such as a stream and its consumers. */
export interface BlockSection {
  readonly name: string;
  readonly series: readonly BlockSeries[];
}

/** Readings that are written together. */
export interface Block {
  readonly readings: number;
  readonly sections: readonly BlockSection[];
}

/** The bytes of a block, before compression. `names` is where its rows have their shapes and texts. */
export function encodeBlock(block: Block, names: Names): Uint8Array {
  const local = new LocalNames(names);
  const body = new ByteSink();
  const table = new ByteSink();
  for (const section of block.sections) {
    const from = body.length;
    writeSection(body, section, local);
    table.varint(local.placeOf(section.name));
    table.varint(body.length - from);
  }
  const head = new ByteSink();
  head.varint(block.readings);
  head.varint(local.texts.length);
  for (const text of local.texts) head.text(text);
  head.varint(block.sections.length);
  head.bytes(table.take());
  head.bytes(body.take());
  return head.take();
}

/**
 * @param names gets the block's shapes and texts
 * @param wants which sections are to be read
 * @throws RangeError — these are not the bytes of a block
 */
export function decodeBlock(
  bytes: Uint8Array,
  names: Names,
  wants: (section: string) => boolean = () => true,
): Block {
  const source = new ByteSource(bytes);
  const readings = source.varint();
  const places: number[] = [];
  for (let left = source.varint(); left > 0; left -= 1) places.push(names.placeOf(source.text()));
  const table: { name: string; length: number }[] = [];
  for (let left = source.varint(); left > 0; left -= 1) {
    const name = names.text(placeIn(places, source.varint()));
    table.push({ name, length: source.varint() });
  }
  const sections: BlockSection[] = [];
  let at = source.at;
  for (const { name, length } of table) {
    if (wants(name)) {
      const section = new SectionReader(new ByteSource(bytes, at), { readings, places, names });
      sections.push({ name, series: section.read() });
    }
    at += length;
  }
  return { readings, sections };
}

/** Names by the places that they have in one block. */
class LocalNames {
  readonly names: Names;
  readonly texts: string[] = [];
  readonly #places = new Map<number, number>();

  constructor(names: Names) {
    this.names = names;
  }

  placeOf(text: string): number {
    return this.local(this.names.placeOf(text));
  }

  local(place: number): number {
    const known = this.#places.get(place);
    if (known !== undefined) return known;
    const local = this.texts.push(this.names.text(place)) - 1;
    this.#places.set(place, local);
    return local;
  }
}

/** Keys and shapes of all series first, then all first columns, all second ones, and so on: alike beside alike. */
function writeSection(out: ByteSink, { series }: BlockSection, local: LocalNames): void {
  out.varint(series.length);
  for (const { key, rows } of series) {
    out.varint(local.placeOf(key));
    writeShapes(out, rows, local);
  }
  let width = 0;
  for (const { rows } of series) {
    for (const row of rows) width = Math.max(width, row?.values.length ?? 0);
  }
  const columns: Column[][] = series.map(() => []);
  for (let place = 0; place < width; place += 1) {
    let before: Column | undefined;
    for (const [index, { rows }] of series.entries()) {
      const values = rows.map((row) => localValue(row, place, local));
      if (values.every((value) => value === undefined)) continue;
      const earlier = columns[index] ?? [];
      const column = writeColumn(out, values, { earlier, before });
      earlier.push(column);
      before = column;
    }
  }
}

/** Runs of readings with the same shape; 0 is none. */
function writeShapes(out: ByteSink, rows: readonly (Row | undefined)[], local: LocalNames): void {
  let at = 0;
  while (at < rows.length) {
    const shape = rows[at]?.shape;
    let end = at + 1;
    while (end < rows.length && rows[end]?.shape === shape) end += 1;
    out.varint(shape === undefined ? 0 : local.local(shape) + 1);
    out.varint(end - at);
    at = end;
  }
}

function localValue(row: Row | undefined, place: number, local: LocalNames): number | undefined {
  const value = row?.values[place];
  if (row === undefined || value === undefined) return undefined;
  return local.names.shape(row.shape).texts[place] === true ? local.local(value) : value;
}

interface SectionContext {
  readonly readings: number;
  /** From the block's places to those in {@link SectionContext.names}. */
  readonly places: readonly number[];
  readonly names: Names;
}

class SectionReader {
  readonly #source: ByteSource;
  readonly #context: SectionContext;

  constructor(source: ByteSource, context: SectionContext) {
    this.#source = source;
    this.#context = context;
  }

  read(): readonly BlockSeries[] {
    const { places, names } = this.#context;
    const series: { key: string; shapes: readonly (number | undefined)[] }[] = [];
    for (let left = this.#source.varint(); left > 0; left -= 1) {
      const key = names.text(placeIn(places, this.#source.varint()));
      series.push({ key, shapes: this.#readShapes() });
    }
    const holes = series.map(({ shapes }) =>
      shapes.map((shape) => (shape === undefined ? [] : names.shape(shape).texts)),
    );
    const columns = this.#readColumns(holes);
    return series.map(({ key, shapes }, index) => ({
      key,
      rows: shapes.map((shape, reading) => {
        if (shape === undefined) return undefined;
        const texts = holes[index]?.[reading] ?? [];
        const values = texts.map((isText, place) => {
          const value = columns[index]?.[place]?.values[reading] ?? 0;
          return isText ? placeIn(places, value) : value;
        });
        return { shape, values };
      }),
    }));
  }

  #readShapes(): readonly (number | undefined)[] {
    const { readings, places } = this.#context;
    const shapes: (number | undefined)[] = [];
    while (shapes.length < readings) {
      const place = this.#source.varint();
      const shape = place === 0 ? undefined : placeIn(places, place - 1);
      const run = this.#source.varint();
      if (run === 0 || run > readings - shapes.length) throw new RangeError('a run of no length');
      for (let left = run; left > 0; left -= 1) shapes.push(shape);
    }
    return shapes;
  }

  #readColumns(holes: readonly (readonly (readonly boolean[])[])[]): readonly Column[][] {
    const columns: Column[][] = holes.map(() => []);
    let width = 0;
    for (const own of holes) for (const texts of own) width = Math.max(width, texts.length);
    for (let place = 0; place < width; place += 1) {
      let before: Column | undefined;
      for (const [index, own] of holes.entries()) {
        const present = own.map((texts) => place < texts.length);
        if (!present.includes(true)) continue;
        const earlier = columns[index] ?? [];
        const column = readColumn(this.#source, present, { earlier, before });
        earlier.push(column);
        before = column;
      }
    }
    return columns;
  }
}

function placeIn(places: readonly number[], place: number): number {
  const found = places[place];
  if (found === undefined) throw new RangeError(`the block has no text ${place}`);
  return found;
}
