import {
  CORE_SECTION,
  GENERAL_SECTION,
  streamOfSection,
  streamSection,
} from '../../history/model/window-trees.js';
import type { ReadingTrees } from '../../history/model/reading.js';
import type { Tree } from '../../history/model/row.js';
import type { Cleaning } from './cleaning.js';
import {
  ACCOUNT_SAMPLE,
  CONSUMER_BESIDE,
  CONSUMER_SAMPLE,
  CORE_SAMPLE,
  HISTORY_EVENT,
  STREAM_BESIDE,
  STREAM_SAMPLE,
  WINDOW_HEAD,
  type Fields,
} from './field-kinds.js';

/** A reading of a history without secrets, and with other names where the cleaning replaces them. */
export function cleanReading(
  trees: ReadingTrees,
  cleaning: Cleaning,
): Map<string, Map<string, Tree>> {
  const clean = new Map<string, Map<string, Tree>>();
  for (const [section, series] of trees) {
    const stream = streamOfSection(section);
    const name = stream === undefined ? section : streamSection(cleaning.text('stream', stream));
    const own = new Map<string, Tree>();
    for (const [key, tree] of series) {
      own.set(
        keyOf({ section, key, tree }, cleaning),
        cleaning.clean(tree, fieldsOf(section, key)),
      );
    }
    clean.set(name, own);
  }
  return clean;
}

/** Anything that this natsx does not know is free text. */
function fieldsOf(section: string, key: string): Fields {
  if (section === GENERAL_SECTION) {
    if (key === 'head') return WINDOW_HEAD;
    if (key === 'account') return ACCOUNT_SAMPLE;
    return key === 'events' ? { events: HISTORY_EVENT } : 'text';
  }
  if (section === CORE_SECTION) return CORE_SAMPLE;
  if (key === 's') return STREAM_SAMPLE;
  if (key === 'x') return STREAM_BESIDE;
  if (key.startsWith('c/')) return CONSUMER_SAMPLE;
  return key.startsWith('e/') ? CONSUMER_BESIDE : 'text';
}

interface PlacedTree {
  readonly section: string;
  readonly key: string;
  readonly tree: Tree;
}

/** Keys have names of consumers and servers. */
function keyOf({ section, key, tree }: PlacedTree, cleaning: Cleaning): string {
  const slash = key.indexOf('/');
  if (slash < 0) return key;
  const mark = key.slice(0, slash + 1);
  const rest = key.slice(slash + 1);
  if (section !== CORE_SECTION) return mark + cleaning.text('consumer', rest);
  const { server } = (tree ?? {}) as { readonly server?: unknown };
  if (typeof server !== 'string' || !rest.startsWith(server))
    return mark + cleaning.text('text', rest);
  return mark + cleaning.text('server', server) + rest.slice(server.length);
}
