import { plural } from '../../core/wording.js';
/** Messages that a change removes, as far as can be known in advance. */
export interface Loss {
  /** A sentence without a full stop. */
  readonly text: string;
  /** At least this many are removed. */
  readonly least: number;
  /** At most this many are removed. */
  readonly most: number;
}

/** How many messages are removed: exactly, or between two numbers. */
export interface LossRange {
  readonly least: number;
  readonly most: number;
}

/** A change that removes no message, but has another cost. */
export function warning(text: string): Loss {
  return { text, least: 0, most: 0 };
}

/** All of them together: several can apply to one message, and no stream loses more than it holds. */
export function totalLoss(losses: readonly Loss[], messages: number): LossRange {
  const least = Math.max(0, ...losses.map((loss) => loss.least));
  const most = losses.reduce((sum, loss) => sum + loss.most, 0);
  return { least: Math.min(least, messages), most: Math.min(most, messages) };
}

/** `5 messages`, `2 to 5 messages`, `up to 5 messages`. */
export function rangeText({ least, most }: LossRange): string {
  if (least === most) return messagesText(most);
  return least === 0 ? `up to ${messagesText(most)}` : `${least} to ${messagesText(most)}`;
}

/** `1 message`, `5 messages`. */
export function messagesText(count: number): string {
  return plural(count, 'message');
}

/** `go`, or `goes` where it is exactly one. */
export function goText({ least, most }: LossRange): string {
  return least === most && most === 1 ? 'goes' : 'go';
}
