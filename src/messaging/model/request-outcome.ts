import { formatDurationMs } from '../../core/values/duration.js';
import { NatsxError } from '../../core/errors.js';
import type { ReceivedMessage } from '../../core/message/message.js';
import { quoted } from '../../core/printable.js';
import type { ServiceError } from '../../core/message/service-error.js';
import type { SampleSummary } from '../../core/statistics/statistics.js';

/** When a request has been answered. */
export interface ReplyExpectation {
  /** This many replies, or all that arrive. */
  readonly replies: number | 'all';
  /** An empty reply ends the answer and does not count as a reply. */
  readonly untilEmpty: boolean;
  /** How long to wait for another reply after the last one. */
  readonly gapMs: number | undefined;
  /** How long to wait at most, from the moment the request was sent. */
  readonly timeoutMs: number;
}

/** After this long without a reply, all replies are assumed to have arrived. */
const DEFAULT_GAP_MS = 300;

/** The expectation with the defaults that follow from it. */
export function replyExpectation(asked: ReplyExpectation): ReplyExpectation {
  if (asked.untilEmpty) {
    // With one expected reply, the empty one could never follow.
    return { ...asked, replies: asked.replies === 1 ? 'all' : asked.replies };
  }
  if (asked.replies !== 'all') return asked;
  return { ...asked, gapMs: asked.gapMs ?? DEFAULT_GAP_MS };
}

/** A reply with the time that it took. */
export interface NumberedReply {
  readonly message: ReceivedMessage;
  /** Number of the request, from 1. */
  readonly request: number;
  /** From the write of the request to the arrival of the reply. */
  readonly rttNs: number;
}

/** Why waiting for replies ended. */
export type RequestEnd = 'complete' | 'gap' | 'timeout' | 'no-responders';

export interface RequestOutcome {
  readonly subject: string;
  readonly end: RequestEnd;
  /** Replies received, without the empty one at the end. */
  readonly replies: number;
  /** The first error that a reply carried. */
  readonly serviceError: ServiceError | undefined;
}

/** All requests of a run together. */
export interface RequestsResult {
  readonly requests: number;
  /** Requests that were answered as expected. */
  readonly answered: number;
  readonly replies: number;
  readonly payloadBytes: number;
  readonly durationMs: number;
  /** Of the first replies, in nanoseconds; undefined if there were none. */
  readonly rttNs: SampleSummary | undefined;
  /** The first failure, and how many requests failed. */
  readonly failure: NatsxError | undefined;
  readonly failed: number;
}

/**
 * What was wrong with one request, if anything.
 *
 * @param waitedMs how long `--wait-for-responder` waited
 */
export function requestFailure(
  outcome: RequestOutcome,
  expected: ReplyExpectation,
  waitedMs = 0,
): NatsxError | undefined {
  const { subject, replies, serviceError } = outcome;
  if (serviceError !== undefined) return serviceFailure(subject, serviceError);
  if (outcome.end === 'complete') return undefined;
  if (outcome.end === 'no-responders') {
    return new NatsxError('no-responders', `no responders on ${quoted(subject)}`, {
      hint:
        waitedMs === 0
          ? 'check the subject; --wait-for-responder 10s waits for a responder'
          : `none within ${formatDurationMs(waitedMs)}: check the subject, or wait longer`,
      details: { subject },
    });
  }
  if (expected.replies === 'all' && !expected.untilEmpty && replies > 0) return undefined;
  return missingReplies(outcome, expected);
}

function missingReplies(
  { subject, replies, end }: RequestOutcome,
  expected: ReplyExpectation,
): NatsxError {
  const limitMs = end === 'gap' ? expected.gapMs : expected.timeoutMs;
  const flag = end === 'gap' ? '--gap' : '--timeout';
  const limit = formatDurationMs(limitMs ?? expected.timeoutMs);
  const when = end === 'gap' ? `no further one arrived within ${limit}` : `within ${limit}`;
  const facts = {
    hint: `the responder may be slow: allow more time with ${flag}`,
    details: { subject, replies },
  };
  if (replies === 0) {
    return new NatsxError(
      'timeout',
      `no reply to the request to ${quoted(subject)} ${when}`,
      facts,
    );
  }
  const what = expected.untilEmpty
    ? `the empty reply that ends the answer did not arrive (${replies === 1 ? 'one other' : `${replies} others`} did)`
    : `only ${replies} of ${expected.replies} replies arrived`;
  return new NatsxError('timeout', `${what}: request to ${quoted(subject)}, ${when}`, facts);
}

function serviceFailure(subject: string, { code, description }: ServiceError): NatsxError {
  const number = code === '' ? '' : ` ${code}`;
  const text = description === '' ? '' : `: ${description}`;
  return new NatsxError(
    'rejected',
    `the service at ${quoted(subject)} answered with error${number}${text}`,
    { details: { subject, code, description } },
  );
}

/** The failure of a run to report at the end, if any. */
export function requestsFailure(result: RequestsResult): NatsxError | undefined {
  const { failure, failed, requests } = result;
  if (failure === undefined || requests <= 1) return failure;
  return new NatsxError(
    failure.kind,
    `${failed} of ${requests} requests failed; the first: ${failure.message}`,
    { hint: failure.hint, cause: failure.cause, details: { ...failure.details, requests, failed } },
  );
}
