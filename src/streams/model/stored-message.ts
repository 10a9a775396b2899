import { usageError } from '../../core/errors.js';
import type { ReceivedMessage } from '../../core/message/message.js';
import type { Sequence } from './sequence.js';
import { parseSubscriptionPattern } from '../../core/subject/subject.js';

/** A message as a stream keeps it. */
export interface StoredMessage {
  readonly stream: string;
  readonly seq: Sequence;
  /** When the stream took it: RFC 3339 with nanoseconds, by the server's clock. */
  readonly time: string;
  readonly message: ReceivedMessage;
}

/** Which message of a stream is meant. */
export type MessageChoice =
  | { readonly by: 'seq'; readonly seq: number }
  /** The newest of a subject, or of the subjects that a pattern matches. */
  | { readonly by: 'last'; readonly subject: string }
  /** The first of a subject at or after a sequence. */
  | { readonly by: 'next'; readonly subject: string; readonly seq: number };

/** What is to be purged; no key at all means everything. `seq` and `keep` cannot be used together. */
export interface PurgeChoice {
  /** Only messages of matching subjects. */
  readonly filter?: string | undefined;
  /** Only messages before this sequence. */
  readonly seq?: number | undefined;
  /** All but the newest so many. */
  readonly keep?: number | undefined;
}

interface ChoiceWords {
  readonly seq: number | undefined;
  /** A subject or pattern, as `next`. */
  readonly lastFor: string | undefined;
  readonly next: string | undefined;
}

/** Which message the words of a command line mean. @throws usage when they name none, or more than one */
export function chooseMessage({ seq, lastFor, next }: ChoiceWords): MessageChoice {
  if (next !== undefined)
    return { by: 'next', subject: parseSubscriptionPattern(next), seq: seq ?? 1 };
  if (lastFor !== undefined && seq === undefined)
    return { by: 'last', subject: parseSubscriptionPattern(lastFor) };
  if (lastFor === undefined && seq !== undefined) return { by: 'seq', seq };
  throw usageError(
    seq === undefined
      ? 'nothing says which message is meant'
      : 'both a sequence and --last-for name a message',
    'give a sequence, --last-for SUBJECT, or --next SUBJECT [SEQ]',
  );
}
