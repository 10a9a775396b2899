import type { StreamAnswer } from '../../core/message/stream-answer.js';
import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDuration } from '../../core/values/duration.js';
import { encodeMessageLine } from '../../core/message/payload-json.js';
import { shownHeaders } from '../../core/message/shown-headers.js';
import type { RequestsResult, NumberedReply } from '../model/request-outcome.js';
import type { SampleSummary } from '../../core/statistics/statistics.js';
import { formatCount, plural } from '../../core/wording.js';

/** What is printed of a reply besides its body: `reply in 224µs, 5 B`, then its headers, one per line. */
export function replyHeading({ message, rttNs }: NumberedReply): string {
  const size = formatByteSize(message.payload.length);
  const lines = [`reply in ${formatDuration(rttNs)}, ${size}`];
  for (const { name, value } of shownHeaders(message.headers)) {
    lines.push(name === undefined ? value : `${name}: ${value}`);
  }
  return lines.join('\n');
}

/** A reply as a line of JSON: the message, the number of its request, its round trip, and the stream that sent it. */
export function replyJson(
  { message, request, rttNs }: NumberedReply,
  ofStream: StreamAnswer | undefined,
): string {
  return encodeMessageLine(message, {
    request,
    rtt_ns: rttNs,
    answered_by_stream: ofStream?.stream,
  });
}

/** `100 requests, 100 answered · round trip min 190µs, p50 224µs, p99 1.2ms, max 3ms · 4,213/s`. */
export function requestsSummary(result: RequestsResult): string {
  const { requests, answered, rttNs } = result;
  const parts = [`${plural(requests, 'request')}, ${formatCount(answered)} answered`];
  if (rttNs !== undefined) parts.push(`round trip ${percentiles(rttNs)}`);
  parts.push(`${formatCount(Math.round(perSecond(result)))}/s`);
  return parts.join(' · ');
}

/** The last line of JSON after several requests. */
export function requestsJson(result: RequestsResult): unknown {
  const { rttNs } = result;
  return {
    summary: {
      requests: result.requests,
      answered: result.answered,
      failed: result.failed,
      replies: result.replies,
      payload_bytes: result.payloadBytes,
      duration_ms: Math.round(result.durationMs * 1000) / 1000,
      requests_per_s: Math.round(perSecond(result) * 10) / 10,
      ...(rttNs === undefined
        ? {}
        : {
            rtt_ns: {
              min: rttNs.min,
              p50: rttNs.p50,
              p90: rttNs.p90,
              p99: rttNs.p99,
              max: rttNs.max,
              mean: Math.round(rttNs.mean),
            },
          }),
    },
  };
}

function percentiles({ min, p50, p99, max }: SampleSummary): string {
  const text = (name: string, valueNs: number): string => `${name} ${formatDuration(valueNs)}`;
  return [text('min', min), text('p50', p50), text('p99', p99), text('max', max)].join(', ');
}

function perSecond({ answered, durationMs }: RequestsResult): number {
  return durationMs > 0 ? (answered * 1000) / durationMs : 0;
}
