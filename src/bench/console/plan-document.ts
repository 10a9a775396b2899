import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Node } from 'yaml';

import { closestNames } from '../../core/closest-names.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

/** A key of a map and its value, each with its place in the file. */
export interface PlanEntry {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node | undefined;
}

/** A YAML file, of which JSON is a part, whose errors name `FILE:LINE:COLUMN`. */
export class PlanDocument {
  readonly root: Node | undefined;
  readonly #file: string;
  readonly #lines = new LineCounter();

  /** @throws {NatsxError} usage — it is not YAML */
  constructor(file: string, text: string) {
    this.#file = file;
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const [broken] = document.errors;
    if (broken !== undefined) {
      const [first = ''] = broken.message.split('\n');
      throw this.#errorAt(broken.pos[0], first.charAt(0).toLowerCase() + first.slice(1));
    }
    this.root = document.contents ?? undefined;
  }

  /**
   * The entries of a map.
   * @param what names it in errors: `a scenario`
   * @throws {NatsxError} usage — it is not a map, or has another key
   */
  entries(node: Node | undefined, what: string, keys: readonly string[]): readonly PlanEntry[] {
    if (!isMap(node)) throw this.error(node, `${what} is a map of keys and values`);
    return node.items.map(({ key, value }) => {
      const keyNode = isNode(key) ? key : node;
      const name = isScalar(keyNode) ? String(keyNode.value) : '';
      if (!keys.includes(name)) {
        const [near] = closestNames(name, keys, 1);
        throw this.error(
          keyNode,
          `${what} has no key ${quoted(name)}`,
          near === undefined ? `its keys: ${keys.join(', ')}` : `did you mean ${near}?`,
        );
      }
      return { key: name, keyNode, value: isNode(value) ? value : undefined };
    });
  }

  /** The items of a list. @throws {NatsxError} usage — it is not a list, or is empty */
  items({ key, keyNode, value }: PlanEntry): readonly Node[] {
    if (!isSeq(value)) throw this.error(value ?? keyNode, `${key} is a list`);
    if (value.items.length === 0) throw this.error(value, `${key} is an empty list`);
    return value.items.map((item) => (isNode(item) ? item : value));
  }

  /** One value, or several in a list. */
  texts(entry: PlanEntry): readonly { readonly text: string; readonly node: Node }[] {
    if (!isSeq(entry.value))
      return [{ text: this.text(entry), node: entry.value ?? entry.keyNode }];
    return this.items(entry).map((node) => ({ text: this.text({ ...entry, value: node }), node }));
  }

  /** A value as it is written. @throws {NatsxError} usage — it is a map, a list, or missing */
  text({ key, keyNode, value }: PlanEntry): string {
    if (!isScalar(value) || value.value === null) {
      throw this.error(value ?? keyNode, `${key} takes one value`);
    }
    const { source, value: scalar } = value;
    return source ?? (typeof scalar === 'string' ? scalar : JSON.stringify(scalar));
  }

  /** Reads a value; an error of `read` gets its place. */
  value<Value>(entry: PlanEntry, read: (text: string) => Value): Value {
    const text = this.text(entry);
    return this.placed(entry.value ?? entry.keyNode, () => read(text));
  }

  /** Gives the errors of `work` a place. */
  placed<Value>(node: Node | undefined, work: () => Value): Value {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof NatsxError)) throw error;
      throw this.error(node, error.message, error.hint);
    }
  }

  error(node: Node | undefined, message: string, hint?: string): NatsxError {
    return this.#errorAt(node?.range?.[0] ?? 0, message, hint);
  }

  #errorAt(offset: number, message: string, hint?: string): NatsxError {
    const { line, col } = this.#lines.linePos(offset);
    return usageError(`${this.#file}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`, hint);
  }
}
