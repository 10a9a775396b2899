/** A value as JSON has it, with maps and sets. Keys whose value is undefined are left out. */
export type Tree = unknown;

/** A tree whose numbers and texts were taken out: its shape, and what was in the holes. */
export interface Row {
  /** Place of the shape in {@link Names}. */
  readonly shape: number;
  /** Numbers as they are, texts as places in {@link Names}, in the order of the shape's holes. */
  readonly values: readonly number[];
}

/** Texts and shapes, each once. */
export class Names {
  readonly #places = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #shapes = new Map<number, Shape>();
  /** Settings are one object for all that have the same. */
  readonly settings = new WeakMap<object, Part>();

  placeOf(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#texts.push(text) - 1;
    this.#places.set(text, place);
    return place;
  }

  text(place: number): string {
    const text = this.#texts[place];
    if (text === undefined) throw new RangeError(`there is no text ${place}`);
    return text;
  }

  shape(place: number): Shape {
    const known = this.#shapes.get(place);
    if (known !== undefined) return known;
    const shape = parseShape(this.text(place));
    this.#shapes.set(place, shape);
    return shape;
  }
}

/** A shape that was read: what to build, and which holes hold texts. */
export interface Shape {
  readonly build: Build;
  /** For each hole whether a text belongs there. */
  readonly texts: readonly boolean[];
}

/** Builds a tree from the values that a row has for its holes. */
type Build = (row: RowReader) => Tree;

/** The values of a row that were not used yet. */
class RowReader {
  readonly #values: readonly number[];
  readonly #names: Names;
  #at = 0;

  constructor(values: readonly number[], names: Names) {
    this.#values = values;
    this.#names = names;
  }

  number(): number {
    return this.#values[this.#at++] ?? 0;
  }

  text(): string {
    return this.#names.text(this.number());
  }

  /** The next values, without using them. */
  ahead(count: number): readonly number[] {
    return this.#values.slice(this.#at, this.#at + count);
  }

  /** Uses the next values if they are these. */
  skip(expected: readonly number[]): boolean {
    for (let place = 0; place < expected.length; place += 1) {
      if (this.#values[this.#at + place] !== expected[place]) return false;
    }
    this.#at += expected.length;
    return true;
  }
}

/** A part of a tree: its shape as text, and what was in its holes. */
interface Part {
  readonly shape: string;
  readonly values: readonly number[];
}

/** Larger numbers with a fraction are points in time. */
const EARLIEST_TIME_MS = 1e12;

/**
 * Takes the numbers and texts out of a tree. Points in time are kept to the millisecond: the server's nanoseconds are
 * noise, and would be most of a history.
 */
export function toRow(tree: Tree, names: Names): Row {
  const values: number[] = [];
  const shape = names.placeOf(shapeOf(tree, values, names));
  return { shape, values };
}

/** The tree of a row. */
export function toTree({ shape, values }: Row, names: Names): Tree {
  return names.shape(shape).build(new RowReader(values, names));
}

const CONSTANTS = new Map<unknown, string>([
  [null, 'n'],
  [undefined, 'n'],
  [true, 't'],
  [false, 'f'],
]);

/** As text: `#` a number, `$` a text, `t`, `f`, `n`; `[…]`, `m[…]`, `s[…]`, and `{"key"…}` without colons. */
function shapeOf(tree: Tree, values: number[], names: Names): string {
  if (typeof tree === 'number') {
    values.push(tree > EARLIEST_TIME_MS ? Math.floor(tree) : tree);
    return '#';
  }
  if (typeof tree === 'string') {
    values.push(names.placeOf(tree));
    return '$';
  }
  const constant = CONSTANTS.get(tree);
  if (constant !== undefined) return constant;
  const items = (list: readonly unknown[]): string => {
    let text = '[';
    for (const item of list) text += shapeOf(item, values, names);
    return `${text}]`;
  };
  if (Array.isArray(tree)) return items(tree);
  if (tree instanceof Map) return `m${items([...tree])}`;
  if (tree instanceof Set) return `s${items([...tree])}`;
  let text = '{';
  for (const [key, value] of Object.entries(tree as Record<string, unknown>)) {
    if (value === undefined) continue;
    text += JSON.stringify(key);
    text += key === 'config' ? settingsShape(value, values, names) : shapeOf(value, values, names);
  }
  return `${text}}`;
}

function settingsShape(tree: Tree, values: number[], names: Names): string {
  if (typeof tree !== 'object' || tree === null) return shapeOf(tree, values, names);
  let part = names.settings.get(tree);
  if (part === undefined) {
    const own: number[] = [];
    part = { shape: shapeOf(tree, own, names), values: own };
    names.settings.set(tree, part);
  }
  for (const value of part.values) values.push(value);
  return part.shape;
}

const QUOTED = /"(?:[^"\\]|\\.)*"/y;

/** @throws RangeError — it is not a shape */
function parseShape(text: string): Shape {
  const texts: boolean[] = [];
  let at = 0;
  const items = (): readonly Build[] => {
    const list: Build[] = [];
    if (text[at++] !== '[') throw new RangeError('a shape without its list');
    while (text[at] !== ']') list.push(pattern());
    at += 1;
    return list;
  };
  const entries = (): readonly Entry[] => {
    const list: Entry[] = [];
    while (text[at] !== '}') {
      QUOTED.lastIndex = at;
      const [key] = QUOTED.exec(text) ?? [];
      if (key === undefined) throw new RangeError('a shape without its key');
      at += key.length;
      const name = JSON.parse(key) as string;
      const before = texts.length;
      const build = pattern();
      list.push([name, name === 'config' ? shared(build, texts.length - before) : build]);
    }
    at += 1;
    return list;
  };
  const pattern = (): Build => {
    const mark = text[at++];
    switch (mark) {
      case '#':
      case '$':
        texts.push(mark === '$');
        return mark === '$' ? (row) => row.text() : (row) => row.number();
      case 'n':
        return () => null;
      case 't':
      case 'f':
        return () => mark === 't';
      case '[':
        at -= 1;
        return listOf(items());
      case 'm': {
        const list = listOf(items());
        return (row) => new Map(list(row) as [unknown, unknown][]);
      }
      case 's': {
        const list = listOf(items());
        return (row) => new Set(list(row));
      }
      case '{':
        return objectOf(entries());
      default:
        throw new RangeError('an unknown shape');
    }
  };
  return { build: pattern(), texts };
}

type Entry = readonly [key: string, build: Build];

function listOf(items: readonly Build[]): (row: RowReader) => readonly Tree[] {
  return (row) => items.map((build) => build(row));
}

function objectOf(entries: readonly Entry[]): Build {
  // Assigning it would set what the object inherits from.
  if (entries.some(([key]) => key === '__proto__')) {
    return (row) => Object.fromEntries(entries.map(([key, build]) => [key, build(row)]));
  }
  return (row) => {
    const object: Record<string, Tree> = {};
    for (const [key, build] of entries) object[key] = build(row);
    return object;
  };
}

/** Settings are the same object in all readings that have the same: they are compared with each other. */
function shared(build: Build, holes: number): Build {
  const known = new Map<string, Tree>();
  let last: { readonly values: readonly number[]; readonly tree: Tree } | undefined;
  return (row) => {
    if (last !== undefined && row.skip(last.values)) return last.tree;
    const values = row.ahead(holes);
    const key = values.join();
    const found = known.get(key);
    const tree = found ?? build(row);
    if (found === undefined) known.set(key, tree);
    else row.skip(values);
    last = { values, tree };
    return tree;
  };
}
