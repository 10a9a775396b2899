import type { LossRange } from '../model/losses.js';
import type { ConfigOutcome, RemovedMessages } from '../model/config-outcome.js';
import { configChanges, type ConfigChange } from '../model/config-changes.js';
import { isUnset } from '../../core/message/unset-value.js';
import type { JsonObject } from '../../core/message/exact-json.js';
import { stringifyExactJson } from '../../core/message/exact-json.js';
import { formatAmount } from '../../terminal/text/numbers.js';
import { configValueText } from './config-value-text.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';

interface ViewOptions {
  readonly style: Style;
  readonly width: number | undefined;
}

/** The result for a stream or consumer: one sentence, then its settings, or what differs. */
export function configOutcomeText(outcome: ConfigOutcome, options: ViewOptions): string {
  const { style } = options;
  const first = `${style.heading(sentence(outcome))}\n`;
  const losses = lossLines(outcome.losses, style);
  const ignored = outcome.ignored
    .map(
      (key) =>
        `${style.warn('warning:')} the server set ${key} to another value than the given one\n`,
    )
    .join('');
  const removed = removedLine(outcome.removed, style);
  switch (outcome.action) {
    case 'created':
      return first + settingsTable(outcome.config, options) + ignored;
    case 'unchanged':
      return ignored === ''
        ? first
        : first + changesTable(outcome.changes, ['was', 'is'], options) + ignored;
    case 'different':
      return first + changesTable(outcome.changes, ['is', 'wanted'], options);
    case 'edited':
      return (
        first + changesTable(outcome.changes, ['was', 'is'], options) + losses + removed + ignored
      );
    case 'would-edit':
      return first + changesTable(outcome.changes, ['is', 'would be'], options) + losses;
  }
}

/** What a change costs, a line for each. */
export function lossLines(losses: readonly string[], style: Style): string {
  return losses.map((loss) => `${style.warn('loss:')} ${loss}\n`).join('');
}

/** How many messages went with a change; nothing where none did. */
export function removedLine(removed: RemovedMessages | undefined, style: Style): string {
  if (removed === undefined || removed.count === 0) return '';
  return `${style.warn('removed:')} ${formatAmount(removed.count, 'message')}\n`;
}

/** One object: `action`, `stream`, `consumer`, `changes`, `losses`, `removes`, `removed`, `ignored` and the current `config`. */
export function configOutcomeJson(outcome: ConfigOutcome): string {
  const { action, stream, consumer, losses, removes, removed, ignored, config } = outcome;
  const changes = outcome.changes.map(({ key, before, after }) => ({
    key,
    before: before ?? null,
    after: after ?? null,
  }));
  return stringifyExactJson({
    action,
    stream,
    consumer,
    changes,
    losses,
    ...removalJson(removes, removed),
    ignored,
    config,
  });
}

/** `removes`: how many messages go, known in advance; `removed`: how many went. Each is absent where there are none. */
export function removalJson(
  removes: LossRange | undefined,
  removed: RemovedMessages | undefined,
): { readonly removes?: object | undefined; readonly removed?: number | undefined } {
  return {
    removes: removes && { at_least: removes.least, at_most: removes.most },
    removed: removed?.count,
  };
}

function sentence({ action, stream, consumer, ignored }: ConfigOutcome): string {
  const what =
    consumer === undefined ? `the stream ${stream}` : `the consumer ${consumer} of ${stream}`;
  switch (action) {
    case 'created':
      return `created ${what}`;
    case 'unchanged':
      return ignored.length > 0
        ? `nothing was changed in ${what}`
        : `nothing to change: ${what} already has these settings`;
    case 'different':
      return `${what} exists with other settings`;
    case 'edited':
      return `changed ${what}`;
    case 'would-edit':
      return `would change ${what}`;
  }
}

/** Not in the table: the name is in the sentence above. */
const NAMES: ReadonlySet<string> = new Set(['name', 'durable_name']);

function settingsTable(config: JsonObject, options: ViewOptions): string {
  // Against nothing at all, every setting is a change; the server's own notes are left out.
  const rows = configChanges({}, config, { defaults: {} })
    .filter(({ key, after }) => !NAMES.has(key) && !isUnset(after))
    .map(({ key, after }) => [options.style.key(key), configValueText(key, after)]);
  return textTable({ columns: ['setting', 'value'], rows, ...options });
}

function changesTable(
  changes: readonly ConfigChange[],
  titles: readonly [before: string, after: string],
  options: ViewOptions,
): string {
  const { style } = options;
  const rows = changes.map(({ key, before, after }) => [
    style.key(key),
    style.bad(configValueText(key, before)),
    style.good(configValueText(key, after)),
  ]);
  return textTable({ columns: ['setting', ...titles], rows, ...options });
}
