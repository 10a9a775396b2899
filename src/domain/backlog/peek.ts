import type { StoredMessage } from '../jetstream/stored-message.js';
import type { SubjectShare } from './series.js';

/** A stored message as `peek` shows it. */
export interface PeekedMessage {
  readonly stored: StoredMessage;
  readonly ageMs: number;
  /** At or before the consumer's last delivery. */
  readonly delivered: boolean;
}

export interface PeekResult {
  readonly stream: string;
  readonly consumer: string;
  /** In the order of delivery; may be empty. */
  readonly messages: readonly PeekedMessage[];
}

export interface SubjectBacklog {
  readonly stream: string;
  readonly consumer?: string | undefined;
  /** Biggest first. */
  readonly subjects: readonly SubjectShare[];
  readonly subjectCount: number;
  /** False: the server could not count behind the position, the figures are of the whole stream. */
  readonly exact: boolean;
}
