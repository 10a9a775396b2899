import type { Disguise } from './disguise.js';
import type { FieldKind, Fields } from './field-kinds.js';
import type { Redaction } from './redaction.js';

type Metadata = Readonly<Record<string, unknown>>;

/** Metadata that servers, natsx and the nats CLI read. */
const OWN_METADATA = /^(?:_nats\.|io\.natsx\.|io\.nats\.)/;

/** Texts of a kind that are remembered; there may be very many subjects. */
const MOST_KNOWN = 50_000;

/** Anybody may have written anything there. */
const FREE_TEXTS: ReadonlySet<FieldKind> = new Set(['text', 'client', 'user', 'keep']);

/** Takes secrets out of trees, and replaces names if there is a {@link Disguise}. */
export class Cleaning {
  readonly #redaction: Redaction;
  readonly #disguise: Disguise | undefined;
  /** Texts that were cleaned, by kind. */
  readonly #known = new Map<FieldKind, Map<string, string>>();

  constructor(redaction: Redaction, disguise: Disguise | undefined) {
    this.#redaction = redaction;
    this.#disguise = disguise;
  }

  /** The same tree without secrets. A text at a key that `fields` does not have is free text. */
  clean<T>(tree: T, fields: Fields): T {
    return this.#value(tree, fields) as T;
  }

  text(kind: FieldKind, text: string): string {
    if (kind === 'own') return text;
    const known = this.#known.get(kind) ?? new Map<string, string>();
    this.#known.set(kind, known);
    const same = known.get(text);
    if (same !== undefined) return same;
    const isFree = FREE_TEXTS.has(kind);
    const clean = isFree ? this.#redaction.text(text) : this.#redaction.name(text);
    const shown = this.#disguise === undefined ? clean : this.#disguise.replace(kind, clean);
    // What a disguise replaces changes while it gathers names, and in free text with each name that it learns.
    if (this.#disguise !== undefined && (kind === 'text' || this.#disguise.isGathering))
      return shown;
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, shown);
    return shown;
  }

  #value(value: unknown, fields: Fields): unknown {
    if (typeof value === 'string') return this.text(isTextKind(fields) ? fields : 'text', value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return this.#list(value, fields);
    if (value instanceof Set) return new Set(this.#list([...value], fields));
    if (value instanceof Map) return this.#map(value, fields);
    if (fields === 'metadata') return this.#metadata(value as Metadata);
    if (fields === 'settings') return this.#settings(value as Metadata);
    return this.#object(value as Readonly<Record<string, unknown>>, fields);
  }

  /** Most trees have nothing to replace, and histories have many of them: only what changes is copied. */
  #list(list: readonly unknown[], fields: Fields): readonly unknown[] {
    let copy: unknown[] | undefined;
    for (const [index, own] of list.entries()) {
      const clean = this.#value(own, fields);
      if (clean === own) continue;
      copy ??= [...list];
      copy[index] = clean;
    }
    return copy ?? list;
  }

  #object(object: Readonly<Record<string, unknown>>, fields: Fields): object {
    let copy: Record<string, unknown> | undefined;
    for (const key of Object.keys(object)) {
      const own = object[key];
      if (typeof own === 'number' || typeof own === 'boolean' || own === undefined) continue;
      const clean = this.#value(own, fieldsAt(fields, key));
      if (clean === own) continue;
      copy ??= { ...object };
      copy[key] = clean;
    }
    return copy ?? object;
  }

  #map(map: ReadonlyMap<unknown, unknown>, fields: Fields): ReadonlyMap<unknown, unknown> {
    const keys = fieldsAt(fields, '*key');
    const values = fieldsAt(fields, '*value');
    return new Map(
      [...map].map(([key, value]) => [this.#value(key, keys), this.#value(value, values)]),
    );
  }

  /** Settings by the server's names. */
  #settings(settings: Metadata): Metadata {
    return Object.fromEntries(
      Object.entries(settings).map(([key, value]) => {
        if (typeof value !== 'string' || PLAIN_SETTINGS.has(key)) return [key, value];
        const shown = this.#redaction.value(key, value);
        return [key, this.#disguise?.replace('label', shown) ?? shown];
      }),
    );
  }

  #metadata(metadata: Metadata): Metadata {
    return Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => {
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        const shown = this.#redaction.value(key, text);
        const disguise = this.#disguise;
        if (disguise === undefined) return [this.#redaction.name(key), shown];
        if (OWN_METADATA.test(key)) return [key, disguise.replace(kindOf(key), shown)];
        return [disguise.replace('label', key), disguise.replace('label', shown)];
      }),
    );
  }
}

function isTextKind(fields: Fields): fields is FieldKind {
  return typeof fields === 'string' && fields !== 'metadata' && fields !== 'settings';
}

function fieldsAt(fields: Fields, key: string): Fields {
  if (typeof fields === 'string') return fields === 'keep' ? 'keep' : 'text';
  return (fields as Readonly<Record<string, Fields>>)[key] ?? 'text';
}

/** Settings whose texts are words of the server. */
const PLAIN_SETTINGS = new Set(['compression', 'persist_mode', 'sourcing']);

function kindOf(key: string): FieldKind {
  if (key.endsWith('.stream')) return 'stream';
  return key.endsWith('.acc') ? 'account' : 'text';
}
