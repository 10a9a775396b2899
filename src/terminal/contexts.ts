import type { SettingValues } from '../connection/model/connection-settings.js';
import {
  resolveSettings,
  silencedAuthentication,
} from '../connection/model/connection-settings.js';
import type { ContextCheck, ContextEntry, ContextFile } from '../connection/model/context.js';
import {
  contextSettings,
  EMPTY_CONTEXT,
  withSettings,
  withoutSettings,
} from '../connection/model/context.js';
import type { NatsxError } from '../core/errors.js';
import { usageError } from '../core/errors.js';
import { jetStreamApiPrefix } from '../connection/model/api-scope.js';
import { parseSubjectPrefix } from '../core/subject/subject-prefix.js';
import { absolutePath } from '../connection/credential-text.js';
import { ContextStore } from '../connection/context-store.js';
import { dialOptions } from '../connection/dial-options.js';
import { asNatsxError } from './failure.js';

interface ValidateOptions {
  readonly connect: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The work of the `context` commands on the context files, which natsx shares with the nats CLI. */
export class Contexts {
  readonly store: ContextStore;

  constructor(configHome: string | undefined) {
    this.store = new ContextStore(configHome);
  }

  /** All contexts; an unusable one has what could be read of it. */
  list(): readonly ContextEntry[] {
    const selected = this.store.selected();
    return this.store.names().map((name) => {
      const entry = { name, selected: name === selected, description: '', url: '' };
      try {
        const file = this.store.read(name);
        const text = (key: string): string => (typeof file[key] === 'string' ? file[key] : '');
        const read = { ...entry, description: text('description'), url: text('url') };
        return { ...read, ...urlOf(file, name) };
      } catch (error) {
        return { ...entry, fault: asNatsxError(error) };
      }
    });
  }

  /**
   * Writes the given settings into a new or existing context; other keys stay. Another way to authenticate replaces the
   * old one; a new password keeps its user.
   *
   * @returns the path of the file
   * @throws {NatsxError} usage — settings with which no connection is possible
   */
  save(name: string, values: SettingValues, description: string | undefined): string {
    const lasting = withAbsolutePaths(values);
    checkUsable(contextSettings(withSettings(EMPTY_CONTEXT, lasting), name));
    const before = this.store.has(name) ? this.store.read(name) : EMPTY_CONTEXT;
    const changed = withSettings(withoutSettings(before, silencedAuthentication(lasting)), lasting);
    this.store.write(name, description === undefined ? changed : { ...changed, description });
    return this.store.path(name);
  }

  /** @throws {NatsxError} not-found — the named context; usage — there are none at all */
  async validate(
    name: string | undefined,
    options: ValidateOptions,
  ): Promise<readonly ContextCheck[]> {
    const names = name === undefined ? this.store.names() : [name];
    if (names.length === 0)
      throw usageError('there are no contexts to check', 'create one: natsx context save NAME');
    const checks: ContextCheck[] = [];
    for (const one of names) checks.push({ name: one, error: await this.#check(one, options) });
    return checks;
  }

  async #check(name: string, options: ValidateOptions): Promise<NatsxError | undefined> {
    try {
      const values = contextSettings(this.store.read(name), name);
      const settings = resolveSettings([
        { origin: 'context', values, source: () => `context ${name}` },
      ]);
      const dial = dialOptions(settings, {
        name: 'natsx context validate',
        timeoutMs: options.timeoutMs,
      });
      if (!options.connect) return undefined;
      const { connectClient } = await import('../connection/connect.js');
      const policy = { waitForServerMs: 0, giveUpAfterMs: 0, onEvent: () => undefined };
      const client = await connectClient(dial, policy, options.signal);
      await client.close();
      return undefined;
    } catch (error) {
      // An interrupted check says nothing about the context.
      options.signal.throwIfAborted();
      return asNatsxError(error);
    }
  }
}

function urlOf(file: ContextFile, name: string): Pick<ContextEntry, 'fault'> & { url?: string } {
  try {
    const { servers, nsc } = contextSettings(file, name);
    const profile = nsc === undefined ? '' : `nsc://${nsc}`;
    return { url: servers ?? profile, fault: undefined };
  } catch (error) {
    return { fault: asNatsxError(error) };
  }
}

/** A context is used in other folders too. A path that starts with `~`, a variable or a scheme is the same everywhere. */
function withAbsolutePaths(values: SettingValues): SettingValues {
  const absolute = FILES.flatMap((name) => {
    const path = values[name];
    return path === undefined ? [] : [[name, absolutePath(path)] as const];
  });
  return { ...values, ...Object.fromEntries(absolute) };
}

const FILES = ['creds', 'nkey', 'tlsCa', 'tlsCert', 'tlsKey'] as const;

/** Files may be created later; a text that is not a URL or a subject prefix stays wrong. */
function checkUsable(values: SettingValues): void {
  const { servers, inboxPrefix, jsApiPrefix, jsDomain } = values;
  resolveSettings([{ origin: 'flag', values: { servers }, source: (name) => name }]);
  if (inboxPrefix !== undefined) parseSubjectPrefix(inboxPrefix, 'inbox prefix');
  jetStreamApiPrefix(jsApiPrefix, jsDomain);
}
