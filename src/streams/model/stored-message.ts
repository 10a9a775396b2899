import { usageError } from '../../core/errors.js';
import type { ReceivedMessage } from '../../core/message/message.js';
import type { Sequence } from './sequence.js';
import { parseSubscriptionPattern } from '../../core/subject/subject.js';

/** A message in a stream. */
export interface StoredMessage {
  readonly stream: string;
  readonly seq: Sequence;
  /** When it was stored: RFC 3339 with nanoseconds, by the server's clock. */
  readonly time: string;
  readonly message: ReceivedMessage;
}

/** Which message of a stream to read. */
export type MessageChoice =
  | { readonly by: 'seq'; readonly seq: number }
  /** The newest of a subject, or of the subjects that a pattern matches. */
  | { readonly by: 'last'; readonly subject: string }
  /** The first of a subject at or after a sequence. */
  | { readonly by: 'next'; readonly subject: string; readonly seq: number };

interface ChoiceWords {
  readonly seq: number | undefined;
  /** A subject or pattern, as `next`. */
  readonly lastFor: string | undefined;
  readonly next: string | undefined;
}

/** The message that a command line names. @throws usage when it names none, or more than one */
export function chooseMessage({ seq, lastFor, next }: ChoiceWords): MessageChoice {
  if (next !== undefined)
    return { by: 'next', subject: parseSubscriptionPattern(next), seq: seq ?? 1 };
  if (lastFor !== undefined && seq === undefined)
    return { by: 'last', subject: parseSubscriptionPattern(lastFor) };
  if (lastFor === undefined && seq !== undefined) return { by: 'seq', seq };
  throw usageError(
    seq === undefined ? 'no message is given' : 'both a sequence and --last-for name a message',
    'give a sequence, --last-for SUBJECT, or --next SUBJECT [SEQ]',
  );
}
