/** Maps and sets have no form of their own in JSON: they are objects with one of these keys. */
const MAP = '$map';
const SET = '$set';

/** A tree of plain values, maps and sets as JSON, to be read by {@link parseTree}. */
export function treeJson(tree: unknown): string {
  return JSON.stringify(tree, (_, value: unknown) => {
    if (value instanceof Map) return { [MAP]: [...(value as Map<unknown, unknown>)] };
    if (value instanceof Set) return { [SET]: [...(value as Set<unknown>)] };
    return value;
  });
}

/** @throws SyntaxError — it is not JSON */
export function parseTree(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const { [MAP]: entries, [SET]: items } = value as Readonly<Record<string, unknown>>;
    if (Array.isArray(entries)) return new Map(entries as [unknown, unknown][]);
    if (Array.isArray(items)) return new Set(items);
    return value;
  });
}
