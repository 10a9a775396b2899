import type { ConsumerChange } from '../domain/jetstream/consumer-change.js';
import { formatDuration } from '../domain/values/duration.js';

const DONE: Readonly<Record<ConsumerChange['action'], readonly [done: string, would: string]>> = {
  pause: ['paused', 'would be paused'],
  resume: ['resumed', 'would be resumed'],
  unpin: ['unpinned', 'would be unpinned'],
  edit: ['changed', 'would be changed'],
  skip: ['moved', 'would be moved'],
};

/** What happened to the consumer, or would with `--yes`. */
export function consumerChangeText({
  action,
  stream,
  consumer,
  applied,
  details,
}: ConsumerChange): string {
  const [done, would] = DONE[action];
  const lines = Object.entries(details).map(
    ([key, value]) => `  ${key.replaceAll('_', ' ')}: ${shown(key, value)}\n`,
  );
  return `The consumer "${consumer}" of "${stream}" ${applied ? `is ${done}` : would}.\n${lines.join('')}`;
}

function shown(key: string, value: string | number | boolean): string {
  return key.startsWith('ack_wait') ? formatDuration(Number(value)) : String(value);
}

export function consumerChangeJson({
  action,
  stream,
  consumer,
  applied,
  details,
}: ConsumerChange): object {
  return { action, stream, consumer, applied, ...details };
}
