/** What a connection that was lost and came back means to a command; each says on stderr how it goes on. */
export type AfterGap =
  /** It sees what is published while it looks, and nothing else. */
  | 'missed'
  /** It answers what is asked while it listens. */
  | 'unanswered'
  /** It may have waited for an answer. */
  | 'reply-missed'
  /** A stream keeps what it reads. */
  | 'read-on'
  /** A consumer gives it again. */
  | 'redelivered'
  /** It publishes without acknowledgements. */
  | 'unconfirmed'
  /** It publishes until that is acknowledged. */
  | 'retried'
  /** It proves what faults cost. */
  | 'reported'
  /** It asks, and asks again. */
  | 'nothing';

const WORDS: Readonly<Record<AfterGap, string>> = {
  missed: 'what was published meanwhile was not seen here',
  unanswered: 'requests that came meanwhile were not answered here',
  'reply-missed': 'a reply that came meanwhile was not seen here',
  'read-on': 'reading goes on behind the last message',
  redelivered: 'what was not acknowledged is delivered again',
  unconfirmed: 'publishing goes on; what was on its way then may be lost',
  retried: 'what was not acknowledged is tried again',
  reported: 'the report tells what it cost',
  nothing: '',
};

/** How a command goes on, to stand behind `connected again …`; empty when there is nothing to say. */
export function afterGapText(after: AfterGap): string {
  const words = WORDS[after];
  return words === '' ? '' : `; ${words}`;
}
