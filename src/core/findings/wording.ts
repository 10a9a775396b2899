import { plural } from '../wording.js';
export { formatDurationMs as span } from '../values/duration.js';
export {
  agree,
  formatCount as count,
  formatPercent as percent,
  formatRate as rate,
  plural,
  someNames,
} from '../wording.js';

/** Numbers and names as a sentence wants them. */

/** `1 message waits`, `40 messages wait`. */
export function messagesWait(value: number): string {
  return `${plural(value, 'message')} ${value === 1 ? 'waits' : 'wait'}`;
}

/** A flag's duration in natsx's and nats's spelling: `90s`, `45m`, `2h`. Rounded up. */
export function flagDuration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds % 3600 === 0) return `${String(seconds / 3600)}h`;
  if (seconds % 60 === 0) return `${String(seconds / 60)}m`;
  return `${String(seconds)}s`;
}
