import type { Disguise } from './disguise.js';
import type { FieldKind, Fields } from './field-kinds.js';
import type { Redaction } from './redaction.js';

type Metadata = Readonly<Record<string, unknown>>;

/** Metadata that servers, natsx and the nats CLI read. */
const OWN_METADATA = /^(?:_nats\.|io\.natsx\.|io\.nats\.)/;

/** Anybody may have written anything there. */
const FREE_TEXTS: ReadonlySet<FieldKind> = new Set(['text', 'client', 'user', 'keep']);

/** Takes secrets out of trees, and replaces names if there is a {@link Disguise}. */
export class Cleaning {
  readonly #redaction: Redaction;
  readonly #disguise: Disguise | undefined;

  constructor(redaction: Redaction, disguise: Disguise | undefined) {
    this.#redaction = redaction;
    this.#disguise = disguise;
  }

  /** The same tree without secrets. A text at a key that `fields` does not have is free text. */
  clean<T>(tree: T, fields: Fields): T {
    return this.#value(tree, fields) as T;
  }

  text(kind: FieldKind, text: string): string {
    const isFree = FREE_TEXTS.has(kind);
    const shown = isFree ? this.#redaction.text(text) : this.#redaction.name(text);
    return this.#disguise === undefined ? shown : this.#disguise.replace(kind, shown);
  }

  #value(value: unknown, fields: Fields): unknown {
    if (typeof value === 'string') {
      return this.text(isTextKind(fields) ? fields : 'text', value);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((one) => this.#value(one, fields));
    if (value instanceof Set) return new Set([...value].map((one) => this.#value(one, fields)));
    if (value instanceof Map) return this.#map(value, fields);
    if (fields === 'metadata') return this.#metadata(value as Metadata);
    if (fields === 'settings') return this.#settings(value as Metadata);
    return Object.fromEntries(
      Object.entries(value).map(([key, own]) => [key, this.#value(own, fieldsAt(fields, key))]),
    );
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
