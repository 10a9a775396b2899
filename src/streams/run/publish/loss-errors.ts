import { formatDurationMs } from '../../../core/values/duration.js';
import { NatsxError } from '../../../core/errors.js';
import { quoted } from '../../../core/printable.js';

/** The connection broke between a message and its answer, and it has no id. */
export function lostOnTheWay(subject: string): NatsxError {
  return new NatsxError(
    'connection',
    `the connection was lost before the message for ${quoted(subject)} was acknowledged`,
    {
      hint: "a message id lets natsx send again without making duplicates: --msg-id '{{ID}}'",
      details: { subject },
    },
  );
}

/** The connection came back too late for the stream to recognize a repeat. */
export function forgotten(subject: string, windowMs: number): NatsxError {
  return new NatsxError(
    'connection',
    `the message for ${quoted(subject)} was not acknowledged, and after ${formatDurationMs(windowMs)} the stream might take a repeat for a new message`,
    { hint: 'a longer duplicate window of the stream helps', details: { subject } },
  );
}

/** No answer came; `explainUnanswered` finds out why. */
export function notAcknowledged(subject: string, waitedMs: number): NatsxError {
  return new NatsxError(
    'timeout',
    `no acknowledgement for ${quoted(subject)} within ${formatDurationMs(waitedMs)}`,
    { details: { subject, waited_ms: Math.round(waitedMs) } },
  );
}

/** What an error of {@link notAcknowledged} is about; undefined for any other. */
export function unanswered({
  kind,
  details = {},
}: NatsxError): { readonly subject: string; readonly waitedMs: number } | undefined {
  const { subject, waited_ms: waitedMs } = details;
  if (kind !== 'timeout' || typeof subject !== 'string' || typeof waitedMs !== 'number')
    return undefined;
  return { subject, waitedMs };
}

/** Somebody else listens on the subject, and has answered. */
export function strangeAnswer(subject: string): NatsxError {
  return new NatsxError('rejected', `what answered for ${quoted(subject)} is no stream`, {
    hint: 'somebody replies to messages on this subject; publish to it without --jetstream',
    details: { subject },
  });
}
