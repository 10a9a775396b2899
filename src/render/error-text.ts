import type { NatsxError } from '../domain/errors.js';
import { redact } from '../domain/redact.js';
import type { Style } from './style.js';

interface ErrorTextOptions {
  /** Also show what caused it. */
  readonly verbose: boolean;
}

/** An error as lines for stderr: what failed, why when asked, and what to do next; secrets are hidden. */
export function errorText(error: NatsxError, style: Style, options: ErrorTextOptions): string {
  const lines = [`${style.bad('error:')} ${error.message}`];
  if (options.verbose || error.kind === 'internal') lines.push(...causes(error));
  if (error.hint !== undefined) lines.push(`${style.key('hint:')} ${error.hint}`);
  return redact(lines.join('\n'));
}

/** An error as one line of JSON for stderr. */
export function errorJson(error: NatsxError): string {
  const { kind, message, hint, details } = error;
  return redact(JSON.stringify({ error: { kind, message, hint, details } }));
}

function causes(error: NatsxError): readonly string[] {
  const cause = error.cause;
  if (!(cause instanceof Error)) return error.kind === 'internal' ? [error.stack ?? ''] : [];
  if (error.kind === 'internal') return [cause.stack ?? cause.message];
  return [`caused by: ${cause.message}`];
}
