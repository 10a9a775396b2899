import type { Terminal } from '../../terminal/terminal.js';
import { isConfirmation, type ConfigOutcome } from '../model/config-outcome.js';
import { configOutcomeJson, configOutcomeText } from '../view/config-outcome-text.js';
import { printChange } from './print-change.js';

/** Prints what happened to a stream or consumer, or would happen, and warns of what is likely wrong. */
export function printOutcome(terminal: Terminal, outcome: ConfigOutcome): void {
  printChange(terminal, {
    done: isConfirmation(outcome),
    json: configOutcomeJson(outcome),
    text: (view) => configOutcomeText(outcome, view),
  });
  for (const warning of outcome.warnings ?? []) terminal.notices.warn(warning);
}

/**
 * Prints the outcome of each of several configurations as it is known.
 *
 * @returns whether something would be created or changed, but was not
 */
export async function printOutcomes(
  terminal: Terminal,
  outcomes: AsyncIterable<ConfigOutcome>,
): Promise<boolean> {
  let open = false;
  for await (const outcome of outcomes) {
    printOutcome(terminal, outcome);
    open ||= outcome.action === 'would-create' || outcome.action === 'would-edit';
  }
  return open;
}
