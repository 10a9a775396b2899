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
  readonly root: Pattern;
  /** For each hole whether a text belongs there. */
  readonly texts: readonly boolean[];
}

type Pattern =
  | { readonly kind: 'number' | 'text' }
  | { readonly kind: 'constant'; readonly value: null | boolean }
  | { readonly kind: 'list' | 'map' | 'set'; readonly items: readonly Pattern[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Pattern])[] };

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
  let at = 0;
  const next = (): number => values[at++] ?? 0;
  const build = (pattern: Pattern): Tree => {
    switch (pattern.kind) {
      case 'number':
        return next();
      case 'text':
        return names.text(next());
      case 'constant':
        return pattern.value;
      case 'list':
        return pattern.items.map(build);
      case 'map':
        return new Map(pattern.items.map(build) as [unknown, unknown][]);
      case 'set':
        return new Set(pattern.items.map(build));
      case 'object':
        return Object.fromEntries(pattern.entries.map(([key, value]) => [key, build(value)]));
    }
  };
  return build(names.shape(shape).root);
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
  const items = (): readonly Pattern[] => {
    const list: Pattern[] = [];
    if (text[at++] !== '[') throw new RangeError('a shape without its list');
    while (text[at] !== ']') list.push(pattern());
    at += 1;
    return list;
  };
  const entries = (): readonly (readonly [string, Pattern])[] => {
    const list: (readonly [string, Pattern])[] = [];
    while (text[at] !== '}') {
      QUOTED.lastIndex = at;
      const [key] = QUOTED.exec(text) ?? [];
      if (key === undefined) throw new RangeError('a shape without its key');
      at += key.length;
      list.push([JSON.parse(key) as string, pattern()]);
    }
    at += 1;
    return list;
  };
  const pattern = (): Pattern => {
    const mark = text[at++];
    switch (mark) {
      case '#':
      case '$':
        texts.push(mark === '$');
        return { kind: mark === '$' ? 'text' : 'number' };
      case 'n':
        return { kind: 'constant', value: null };
      case 't':
      case 'f':
        return { kind: 'constant', value: mark === 't' };
      case '[':
        at -= 1;
        return { kind: 'list', items: items() };
      case 'm':
      case 's':
        return { kind: mark === 'm' ? 'map' : 'set', items: items() };
      case '{':
        return { kind: 'object', entries: entries() };
      default:
        throw new RangeError('an unknown shape');
    }
  };
  return { root: pattern(), texts };
}
