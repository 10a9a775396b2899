import { formatByteSize } from '../../core/values/byte-size.js';
import type { AnsweredRequest, ReplyTotals } from '../../core/message/answer.js';
import { formatDuration } from '../../core/values/duration.js';
import { encodeMessageLine } from '../../core/message/payload-json.js';
import { printableText } from '../../core/printable.js';
import type { Style } from '../../terminal/text/style.js';
import { formatCount, plural } from '../../core/wording.js';

/** `#1 example.echo 5 B → 5 B in 224µs`, with the error when the answer is one. */
export function answeredLine(answered: AnsweredRequest, style: Style): string {
  const { request, number, answer, handledNs } = answered;
  const subject = style.subject(printableText(request.subject));
  const sizes = `${formatByteSize(request.payload.length)} → ${formatByteSize(answer.payload.length)}`;
  const line = `${style.dim(`#${number}`)} ${subject} ${sizes} in ${formatDuration(handledNs)}`;
  if (answer.error === undefined) return line;
  const { code, description } = answer.error;
  return `${line} ${style.bad(`error ${printableText(code)}: ${printableText(description)}`)}`;
}

/** The request as a line of JSON, with the result. */
export function answeredJson({ request, number, answer, handledNs }: AnsweredRequest): string {
  return encodeMessageLine(request, {
    request: number,
    reply_size_bytes: answer.payload.length,
    handled_ns: handledNs,
    error_code: answer.error?.code,
    error: answer.error?.description,
  });
}

/** `answered 12 requests, 1 with an error, 120 B`, and those that could not be answered. */
export function replySummary(totals: ReplyTotals): string {
  const { answered, errors, payloadBytes, withoutReply, unanswered, refused } = totals;
  const parts = [`answered ${plural(answered, 'request')}`];
  if (errors > 0) parts.push(`${formatCount(errors)} with an error`);
  parts.push(formatByteSize(payloadBytes));
  if (unanswered > 0) parts.push(`${formatCount(unanswered)} left unanswered`);
  if (refused > 0) parts.push(`${formatCount(refused)} answers refused by the server`);
  if (withoutReply > 0) parts.push(`${formatCount(withoutReply)} without a reply subject`);
  return parts.join(', ');
}
