import fc from 'fast-check';

interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly added: string;
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);

/** What readers stumble over everywhere. */
const COMMON = [
  '',
  ' ',
  '\0',
  '\r\n',
  '\n',
  '\t',
  '"',
  '\\',
  "'",
  '.',
  ',',
  ':',
  '-',
  '0',
  '-1',
  '1e999',
  '9007199254740993',
  '99999999999999999999999999',
  '{',
  '}',
  '[',
  ']',
  'null',
  '__proto__',
  '\ud800',
  '\ufeff',
  '\u2028',
  '😀',
];

/** More levels than JavaScript can write. */
export const DEEP_JSON = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

/** Texts near those examples: some of their words and some of anything put in, taken out and doubled. */
export function near(
  examples: readonly string[],
  words: readonly string[] = [],
): fc.Arbitrary<string> {
  const added = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...COMMON, ...words, ...examples) },
    { weight: 1, arbitrary: anyText },
  );
  const edit = fc.record({
    at: fc.nat(1000),
    removed: fc.constantFrom(0, 0, 1, 1, 2, 5, 20, 1000),
    added,
  });
  const edited = fc
    .tuple(fc.constantFrom(...examples), fc.array(edit, { minLength: 0, maxLength: 4 }))
    .map(([example, edits]) => edits.reduce(apply, example));
  return fc.oneof({ weight: 8, arbitrary: edited }, { weight: 1, arbitrary: anyText });
}

/** The same in bytes, with bytes that are not text. */
export function nearBytes(examples: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const texts = near(examples.map((bytes) => bytes.toString('latin1')));
  return texts.map((text) => Buffer.from(text, 'latin1'));
}

function apply(text: string, { at, removed, added }: Edit): string {
  const place = text.length === 0 ? 0 : at % (text.length + 1);
  return text.slice(0, place) + added + text.slice(place + removed);
}

/** JSON like an example, with members of other types, missing ones and more of them. */
export function nearJson(examples: readonly object[]): fc.Arbitrary<unknown> {
  const strange = fc.oneof(
    fc.constantFrom<unknown>(null, true, '', 0, -1, 1e300, [], {}, '1', [null], { a: 1 }),
    fc.jsonValue({ maxDepth: 2 }),
    fc.constant(DEEP),
  );
  return fc
    .tuple(
      fc.constantFrom(...examples),
      fc.array(fc.tuple(fc.nat(10_000), strange, fc.constantFrom('set', 'remove', 'add')), {
        maxLength: 3,
      }),
    )
    .map(([example, changes]) => {
      const copy = structuredClone(example) as Node;
      for (const [which, value, how] of changes) change(copy, which, value, how);
      return copy;
    });
}

/** Stands for JSON of many levels, which cannot be cloned. */
const DEEP = '<deep>';

/** A document as the text of a file. */
export function documentText(document: unknown): string {
  return JSON.stringify(document).replaceAll(`"${DEEP}"`, DEEP_JSON);
}

type Node = Record<string, unknown>;

function change(root: Node, which: number, value: unknown, how: string): void {
  const places: (readonly [Node, string])[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Node, key]);
      walk((node as Node)[key]);
    }
  };
  walk(root);
  const place = places[which % Math.max(1, places.length)];
  if (place === undefined) return;
  const [node, key] = place;
  if (how === 'remove') Reflect.deleteProperty(node, key);
  else node[how === 'add' ? `${key}_x` : key] = value === DEEP ? DEEP : structuredClone(value);
}
