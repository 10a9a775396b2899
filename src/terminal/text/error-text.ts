import { inspect } from 'node:util';

import type { NatsxError } from '../../core/errors.js';
import { jsonText } from '../../core/message/payload-json.js';
import { printableText } from '../../core/printable.js';
import { redact } from '../../core/redact.js';
import type { Style } from './style.js';

interface ErrorTextOptions {
  /** Also show the causes. */
  readonly verbose: boolean;
}

/** An error as lines for stderr: what failed, with `verbose` why, and what to do next. Secrets are hidden. */
export function errorText(error: NatsxError, style: Style, options: ErrorTextOptions): string {
  const lines = [`${style.bad('error:')} ${shown(error.message)}`];
  if (options.verbose || error.kind === 'internal') {
    for (const cause of causesOf(error)) lines.push(`${style.dim('cause:')} ${shown(cause)}`);
  }
  if (error.kind === 'internal') lines.push(style.dim(shown(stackOf(error))));
  if (error.hint !== undefined) lines.push(`${style.key('hint:')} ${shown(error.hint)}`);
  return lines.join('\n');
}

/** An error as one line of JSON for stderr. Secrets are hidden. */
export function errorJson(error: NatsxError): string {
  const { kind, message, hint, details } = error;
  // Each text separately: a replacement in the finished JSON could remove its quotes.
  return jsonText({ error: { kind, message, hint, details } }, (_key, value: unknown) =>
    typeof value === 'string' ? redact(value) : value,
  );
}

/** Causes can form a circle. */
const DEEPEST_CAUSE = 8;

function causesOf(error: Error): readonly string[] {
  const causes: string[] = [];
  let cause = error.cause;
  while (cause !== undefined && cause !== null && causes.length < DEEPEST_CAUSE) {
    causes.push(cause instanceof Error ? messageOf(cause) : textOf(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

/** Connecting to several addresses fails with an error that has no message, only parts. */
function messageOf(error: Error): string {
  if (error.message !== '' || !(error instanceof AggregateError))
    return error.message || error.name;
  return error.errors
    .map((part: unknown) => (part instanceof Error ? part.message : textOf(part)))
    .join('; ');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { breakLength: Infinity });
}

/** The innermost stack: where it broke, not where it was wrapped. */
function stackOf(error: Error): string {
  const inner = error.cause instanceof Error ? error.cause : error;
  return inner.stack ?? inner.message;
}

function shown(text: string): string {
  return printableText(redact(text), { keepLines: true });
}
