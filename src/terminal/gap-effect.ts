/** What a command may have missed while its connection was down, which decides what it prints when it is back. */
export type GapEffect =
  /** It sees only what is published while it is connected. */
  | 'missed'
  /** It answers requests while it is connected. */
  | 'unanswered'
  /** It may have been waiting for a reply. */
  | 'reply-missed'
  /** It reads from a stream, which keeps the messages. */
  | 'read-on'
  /** It reads from a consumer, which delivers unacknowledged messages again. */
  | 'redelivered'
  /** It publishes without acknowledgements. */
  | 'unconfirmed'
  /** It publishes again what was not acknowledged. */
  | 'retried'
  /** It reports what the lost connection cost. */
  | 'reported'
  /** It sends its requests again. */
  | 'nothing';

const SENTENCES: Readonly<Record<GapEffect, string>> = {
  missed: 'messages published in between were not received',
  unanswered: 'requests sent in between were not answered',
  'reply-missed': 'a reply sent in between was not received',
  'read-on': 'reading continues after the last message',
  redelivered: 'messages that were not acknowledged will be delivered again',
  unconfirmed: 'publishing continues; messages sent just before may be lost',
  retried: 'messages that were not acknowledged are sent again',
  reported: 'the report will show what was lost',
  nothing: '',
};

/** What follows `connected again …`; empty if there is nothing to say. */
export function gapEffectText(effect: GapEffect): string {
  const sentence = SENTENCES[effect];
  return sentence === '' ? '' : `; ${sentence}`;
}
