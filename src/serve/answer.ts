import type { ServerResponse } from 'node:http';

import { NatsxError } from '../core/errors.js';
import { redact } from '../core/redact.js';

/** What a request gets. */
export interface HttpAnswer {
  /** @default 200 */
  readonly status?: number;
  /** The content type. */
  readonly type: string;
  readonly body: string;
  /** Of a page: what it may load and run. @default nothing */
  readonly policy?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const JSON_TYPE = 'application/json; charset=utf-8';
export const HTML_TYPE = 'text/html; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

const NOTHING = "default-src 'none'";
/** A page that shows this one in a frame could lead somebody to click in it. */
const NO_FRAMES = "frame-ancestors 'none'";

/** The headers that every answer has. */
export function securityHeaders(policy = NOTHING): Readonly<Record<string, string>> {
  return {
    'content-security-policy': `${policy}; ${NO_FRAMES}`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
  };
}

/** Sends a whole answer; to HEAD, only its headers. */
export function send(response: ServerResponse, answer: HttpAnswer): void {
  const { status = 200, type, body, policy, headers } = answer;
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    ...securityHeaders(policy),
    'content-type': type,
    'content-length': bytes.length,
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

export function textAnswer(
  status: number,
  sentence: string,
  headers?: Readonly<Record<string, string>>,
): HttpAnswer {
  return {
    status,
    type: TEXT_TYPE,
    body: `${sentence}\n`,
    ...(headers === undefined ? {} : { headers }),
  };
}

/** A failure as `--json` prints it, with further facts next to it. */
export function failureAnswer(
  error: unknown,
  facts: Readonly<Record<string, unknown>> = {},
): HttpAnswer {
  const known = error instanceof NatsxError ? error : undefined;
  const { kind, message, hint } = known ?? new NatsxError('internal', 'natsx failed');
  return {
    status: statusOf(kind),
    type: JSON_TYPE,
    body: `${JSON.stringify({ error: { kind, message: redact(message), hint }, ...facts })}\n`,
  };
}

function statusOf(kind: NatsxError['kind']): number {
  if (kind === 'usage') return 400;
  if (kind === 'not-found') return 404;
  return kind === 'internal' ? 500 : 503;
}
