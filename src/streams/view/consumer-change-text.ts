import type { ConsumerChange } from '../model/consumer-change.js';
import { messagesText } from '../model/losses.js';
import { removalJson } from './config-outcome-text.js';

const DONE: Readonly<Record<ConsumerChange['action'], readonly [done: string, would: string]>> = {
  pause: ['paused', 'would be paused'],
  resume: ['resumed', 'would be resumed'],
  unpin: ['unpinned', 'would be unpinned'],
  skip: ['moved', 'would be moved'],
};

/** What happened to the consumer, or would with `--yes`. */
export function consumerChangeText({
  action,
  stream,
  consumer,
  applied,
  losses,
  removed,
  details,
}: ConsumerChange): string {
  const [done, would] = DONE[action];
  const lines = Object.entries(details).map(
    ([key, value]) => `  ${key.replaceAll('_', ' ')}: ${String(value)}\n`,
  );
  const gone =
    removed === undefined || removed.count === 0
      ? ''
      : `  removed: ${messagesText(removed.count)}\n`;
  return `The consumer "${consumer}" of "${stream}" ${applied ? `is ${done}` : would}.\n${lines.join('')}${losses.map((loss) => `  loss: ${loss}\n`).join('')}${gone}`;
}

export function consumerChangeJson({
  action,
  stream,
  consumer,
  applied,
  losses,
  removes,
  removed,
  details,
}: ConsumerChange): object {
  return {
    action,
    stream,
    consumer,
    applied,
    ...details,
    losses,
    ...removalJson(removes, removed),
  };
}
