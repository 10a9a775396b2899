import { formatDurationMs } from '../../../core/values/duration.js';
import { NatsxError } from '../../../core/errors.js';
import { quoted } from '../../../core/printable.js';

/** The connection was lost before the answer arrived, and the message has no id. */
export function lostInFlight(subject: string): NatsxError {
  return new NatsxError(
    'connection',
    `the connection was lost before the message for ${quoted(subject)} was acknowledged`,
    {
      hint: "with a message id, natsx can send it again without creating a duplicate: --msg-id '{{ID}}'",
      details: { subject },
    },
  );
}

/** The connection was down for longer than the stream detects duplicates. */
export function duplicateWindowOver(subject: string, windowMs: number): NatsxError {
  return new NatsxError(
    'connection',
    `the message for ${quoted(subject)} was not acknowledged, and after ${formatDurationMs(windowMs)} the stream might store it a second time`,
    { hint: 'use a longer duplicate window on the stream', details: { subject } },
  );
}

/** No answer arrived; `explainUnanswered` finds out why. */
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

/** Another client listens on the subject, and has answered. */
export function notFromStream(subject: string): NatsxError {
  return new NatsxError('rejected', `the reply on ${quoted(subject)} did not come from a stream`, {
    hint: 'another client replies on this subject; publish to it without --jetstream',
    details: { subject },
  });
}
