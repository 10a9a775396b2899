import type { ConnectionSettings, SettingLevel } from '../connection/model/connection-settings.js';
import { resolveSettings } from '../connection/model/connection-settings.js';
import { contextSettings } from '../connection/model/context.js';
import { parseWaitMs } from '../core/values/duration.js';
import { NatsxError, usageError } from '../core/errors.js';
import { ContextStore } from '../connection/context-store.js';
import { environmentLevel, flagLevel } from './connection-flags.js';

const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * Flag > environment > context > default.
 *
 * @throws {NatsxError} not-found — the named context; usage — a broken context file or URL
 */
export function effectiveSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): ConnectionSettings {
  const levels = [flagLevel(flags), environmentLevel(environment)];
  const context = contextLevel(flags, environment);
  return resolveSettings(context === undefined ? levels : [...levels, context]);
}

/** The name of the context to use, if any: `--context`, `NATS_CONTEXT` or the selected one; none with `--no-context`. */
export function contextName(
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  if (typeof flags['context'] === 'string') return flags['context'];
  if (flags['no-context'] === true) return undefined;
  const variable = environment['NATS_CONTEXT'];
  if (variable !== undefined && variable !== '') return variable;
  return new ContextStore(environment['XDG_CONFIG_HOME']).selected();
}

function contextLevel(
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): SettingLevel | undefined {
  const name = contextName(flags, environment);
  if (name === undefined) return undefined;
  const store = new ContextStore(environment['XDG_CONFIG_HOME']);
  const isNamed = flags['context'] !== undefined || (environment['NATS_CONTEXT'] ?? '') !== '';
  if (!isNamed && !store.has(name)) {
    throw new NatsxError('not-found', `the selected context "${name}" does not exist`, {
      hint: 'select another with natsx context select NAME, or use none with --no-context',
      details: { context: name },
    });
  }
  return {
    origin: 'context',
    values: contextSettings(store.read(name), name),
    source: () => `context ${name}`,
  };
}

/** @throws {NatsxError} usage — a `NATS_TIMEOUT` that is not a duration */
export function timeoutMsOf(settings: ConnectionSettings): number {
  const given = settings.get('timeout');
  if (given === undefined) return DEFAULT_TIMEOUT_MS;
  try {
    return parseWaitMs(given.value);
  } catch (error) {
    if (!(error instanceof NatsxError)) throw error;
    throw usageError(`${given.source}: ${error.message}`, error.hint);
  }
}
