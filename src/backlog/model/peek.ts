import type { StoredMessage } from '../../streams/model/stored-message.js';
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
  /** Messages of all subjects together. */
  readonly messages: number;
  /**
   * `whole stream`: the server could not count from the position on. `largest`: subjects that are rare in the stream are
   * left out. `acknowledged`: it includes messages acknowledged out of order; servers do not report which. `pages`: the
   * list of subjects is long, and was not read to its end or changed meanwhile.
   */
  readonly inexact?: 'whole stream' | 'largest' | 'pages' | 'acknowledged' | undefined;
}
