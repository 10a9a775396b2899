import type { LossRange } from '../model/losses.js';
import type { ConfigOutcome, RemovedMessages } from '../model/config-outcome.js';
import type { ConfigChange } from '../model/config-changes.js';
import type { StreamConfig } from '../model/stream-info.js';
import { isUnset } from '../../core/message/unset-value.js';
import { stringifyExactJson } from '../../core/message/exact-json.js';
import { configValueText } from './config-value-text.js';
import { fieldsText, type SectionField, type SectionsView } from './sections-text.js';
import { consumerSettings, streamSettings } from './settings-fields.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { plural } from '../../core/wording.js';

/** The result for a stream or consumer: one sentence, then its settings, or what differs. */
export function configOutcomeText(outcome: ConfigOutcome, options: SectionsView): string {
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
    case 'would-create':
    case 'created':
      return first + settingsText(outcome, options) + ignored;
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
  return `${style.warn('removed:')} ${plural(removed.count, 'message')}\n`;
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
    case 'would-create':
      return `would create ${what}`;
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

/** What was created, without the settings that are the default. */
function settingsText({ consumer, config }: ConfigOutcome, view: SectionsView): string {
  const { limits, others } =
    consumer === undefined ? streamSettings(config as StreamConfig) : consumerSettings(config);
  const first = FIRST_KEYS.filter((key) => !isUnset(config[key])).map((key): SectionField => [
    key.replaceAll('_', ' '),
    configValueText(key, config[key]),
  ]);
  return fieldsText([...first, ...limits, ...others], view);
}

/** They say what the stream or consumer is for. */
const FIRST_KEYS = [
  'description',
  'subjects',
  'mirror',
  'sources',
  'filter_subject',
  'filter_subjects',
  'deliver_subject',
  'deliver_group',
] as const;

function changesTable(
  changes: readonly ConfigChange[],
  titles: readonly [before: string, after: string],
  options: SectionsView,
): string {
  const { style } = options;
  const rows = changes.map(({ key, before, after }) => [
    style.key(key),
    style.bad(configValueText(key, before)),
    style.good(configValueText(key, after)),
  ]);
  return textTable({ columns: ['setting', ...titles], rows, ...options });
}
