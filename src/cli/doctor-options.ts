import { resolveSettings } from '../domain/connection-settings.js';
import { contextSettings } from '../domain/context.js';
import type { DialOptions } from '../domain/dial.js';
import { countFrom, type AuditReport, type FailLevel } from '../domain/doctor/report.js';
import { parseStreamName } from '../domain/entity-name.js';
import { NatsxError, usageError } from '../domain/errors.js';
import { quoted } from '../domain/printable.js';
import { dialOptions } from '../nats/dial-options.js';
import type { ContextStore } from '../nats/context-store.js';

/**
 * How the system account is reached: by the context alone, since flags and environment speak of the account that
 * is audited.
 *
 * @throws {NatsxError} not-found — no such context; usage — an unreadable one
 */
export function systemDial(
  store: ContextStore,
  context: string | undefined,
  timeoutMs: number,
): { readonly context: string; readonly dial: DialOptions } | undefined {
  if (context === undefined) return undefined;
  const values = contextSettings(store.read(context));
  const settings = resolveSettings([
    { origin: 'context', values, source: () => `context ${context}` },
  ]);
  return { context, dial: dialOptions(settings, { name: 'natsx doctor (system)', timeoutMs }) };
}

/** @throws {NatsxError} usage — no address of a monitoring port */
export function parseMonitors(texts: readonly string[]): readonly URL[] {
  return texts.map((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '') return url;
    throw usageError(
      `${quoted(text)} is no address of a monitoring port`,
      'write it like http://localhost:8222',
    );
  });
}

/** Streams as arguments and as `--stream`, each once. @throws {NatsxError} usage — a name that cannot be */
export function streamNames(
  ...lists: readonly (readonly string[] | undefined)[]
): readonly string[] {
  return [...new Set(lists.flatMap((list) => list ?? []).map(parseStreamName))];
}

/**
 * The report has been printed; this is for the exit code.
 *
 * @throws {NatsxError} unhealthy
 */
export function failOn(report: AuditReport, level: FailLevel | undefined): void {
  if (level === undefined) return;
  const found = countFrom(report, level);
  if (found === 0) return;
  const verb = found === 1 ? 'finding is' : 'findings are';
  throw new NatsxError('unhealthy', `${String(found)} ${verb} ${level} or worse`, {
    details: { level, findings: found },
  });
}
