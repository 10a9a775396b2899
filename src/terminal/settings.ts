import type {
  ConnectionSettings,
  SettingLevel,
  SettingsView,
} from '../connection/model/connection-settings.js';
import { overridesOf, resolveSettings } from '../connection/model/connection-settings.js';
import { contextSettings } from '../connection/model/context.js';
import { parseWaitMs } from '../core/values/duration.js';
import { NatsxError, usageError } from '../core/errors.js';
import { quoted } from '../core/printable.js';
import { redact } from '../core/redact.js';
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

/** The settings of one context and of the flags, with what the environment would replace. @throws as {@link effectiveSettings} */
function namedContextView(
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): Pick<SettingsView, 'settings' | 'overridden'> {
  const context = contextLevel(flags, environment);
  const effective = effectiveSettings(flags, environment);
  const own = resolveSettings([flagLevel(flags), ...(context === undefined ? [] : [context])]);
  return {
    settings: new Map([...effective, ...own]),
    overridden: overridesOf(own, effective),
  };
}

/** The effective settings, or those of the context `name`. @throws as {@link effectiveSettings} */
export function settingsViewOf(
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
  name: string | undefined,
): SettingsView {
  const view =
    name === undefined
      ? { settings: effectiveSettings(flags, environment), overridden: new Map() }
      : namedContextView({ ...flags, context: name }, environment);
  const context = name ?? contextName(flags, environment);
  const { description } =
    context === undefined ? {} : new ContextStore(environment['XDG_CONFIG_HOME']).read(context);
  return { context, description: typeof description === 'string' ? description : '', ...view };
}

/**
 * The settings of another server than that of the command: what is given here, and no other flags, variables or selected
 * context.
 *
 * @throws as {@link effectiveSettings}
 */
export function separateSettings(
  given: { readonly server?: readonly string[] | undefined; readonly context?: string | undefined },
  environment: NodeJS.ProcessEnv,
): ConnectionSettings {
  const configHome = environment['XDG_CONFIG_HOME'];
  const home = environment['HOME'];
  return effectiveSettings(
    { ...given, 'no-context': true },
    { XDG_CONFIG_HOME: configHome, HOME: home },
  );
}

/** A sentence where `--context` was given and the environment names another server; empty otherwise. */
export function overriddenServer(
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): string {
  const { context } = flags;
  if (typeof context !== 'string' || flags['server'] !== undefined) return '';
  const server = namedContextView(flags, environment).overridden.get('servers');
  return server === undefined
    ? ''
    : `${server.source} overrides the server of the context ${quoted(context)}: connecting to ${redact(server.value ?? '')}`;
}

/** The names in `--context a,b`, for commands that take several; undefined where it is one name. */
export function severalContexts(
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): readonly string[] | undefined {
  const { context } = flags;
  if (typeof context !== 'string' || !context.includes(',')) return undefined;
  if (new ContextStore(environment['XDG_CONFIG_HOME']).has(context)) return undefined;
  return [...new Set(context.split(',').map((name) => name.trim()))].filter((name) => name !== '');
}

/** The name of the context to use, if any: `--context`, `NATS_CONTEXT` or the selected one; none with `--no-context`. */
function contextName(
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
