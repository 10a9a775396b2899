import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { contextSettings } from '../../connection/model/context.js';
import { resolveSettings } from '../../connection/model/connection-settings.js';
import type { DialOptions } from '../../connection/model/dial.js';
import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import type { ContextStore } from '../../connection/context-store.js';
import { dialOptions } from '../../connection/dial-options.js';
import type { ServerSource } from '../run/reader/server-source.js';

/** Where to ask the servers themselves, for what they do not report to an ordinary user. */
export const serverFlags = {
  'system-context': Flags.string({
    helpValue: '<name>',
    summary:
      'context of a system account, to read settings, limits, queues and closed clients of all servers',
    helpGroup: 'READING',
  }),
  monitor: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<url>',
    summary:
      'read what --system-context reads from a monitoring port, such as http://localhost:8222 (repeatable)',
    helpGroup: 'READING',
  }),
} as const;

export type ServerChoice = Readonly<InferredFlags<typeof serverFlags>>;

export interface ServerAccess {
  readonly contexts: ContextStore;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The sources that the flags name, parsed and checked, not yet connected. */
export interface ServerReach {
  readonly system: { readonly context: string; readonly dial: DialOptions } | undefined;
  readonly monitors: readonly URL[];
}

/**
 * The system account is reached by its context alone, because flags and environment describe the account under
 * observation.
 *
 * @throws {NatsxError} usage — no http URL, an unreadable context; not-found — no such context
 */
export function serverReach(
  choice: ServerChoice,
  { contexts, timeoutMs }: Pick<ServerAccess, 'contexts' | 'timeoutMs'>,
  command: string,
): ServerReach {
  const monitors = (choice.monitor ?? []).map(monitorUrl);
  const context = choice['system-context'];
  if (context === undefined) return { system: undefined, monitors };
  const settings = resolveSettings([
    {
      origin: 'context',
      values: contextSettings(contexts.read(context), context),
      source: () => `context ${context}`,
    },
  ]);
  const dial = dialOptions(settings, { name: `natsx ${command} (system)`, timeoutMs });
  return { system: { context, dial }, monitors };
}

/**
 * Runs `use` with the sources that the flags of `natsx backlog` name, if any, then closes the second connection.
 *
 * @throws {NatsxError} as {@link serverReach}; connection, auth — of the system account
 */
export async function withServers<R>(
  choice: ServerChoice,
  access: ServerAccess,
  use: (servers: ServerSource | undefined) => Promise<R>,
): Promise<R> {
  const { system, monitors } = serverReach(choice, access, 'backlog');
  if (monitors.length === 0 && system === undefined) return use(undefined);
  const { timeoutMs, signal } = access;
  const { allSources, monitoringPorts, systemAccount } =
    await import('../run/reader/server-source.js');
  const ports = monitors.length === 0 ? [] : [monitoringPorts(monitors, timeoutMs)];
  if (system === undefined) return use(allSources(ports));
  const { connectClient } = await import('../../connection/connect.js');
  const policy = { waitForServerMs: 0, giveUpAfterMs: timeoutMs, onEvent: () => undefined };
  const client = await connectClient(system.dial, policy, signal);
  try {
    return await use(allSources([...ports, systemAccount(client.connection)]));
  } finally {
    await client.close();
  }
}

/** @throws {NatsxError} usage */
function monitorUrl(text: string): URL {
  const address = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '') return url;
  throw usageError(
    `${quoted(text)} is not the address of a monitoring port`,
    'write it like http://localhost:8222',
  );
}
