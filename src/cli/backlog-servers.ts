import * as Flags from '@oclif/core/flags';

import { contextSettings } from '../domain/context.js';
import { resolveSettings } from '../domain/connection-settings.js';
import { usageError } from '../domain/errors.js';
import { quoted } from '../domain/printable.js';
import type { ServerSource } from '../nats/backlog-servers.js';
import type { ContextStore } from '../nats/context-store.js';
import { dialOptions } from '../nats/dial-options.js';

/** Where the servers themselves can be asked, beyond what an account's user is told. */
export const serverFlags = {
  'system-context': Flags.string({
    helpValue: '<name>',
    summary:
      'context of a system account, to ask all servers for limits, queues and closed clients',
    helpGroup: 'READING',
  }),
  monitor: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<url>',
    summary:
      'the same from a monitoring port such as http://127.0.0.1:8222; repeat for each server',
    helpGroup: 'READING',
  }),
} as const;

export interface ServerChoice {
  readonly 'system-context'?: string | undefined;
  readonly monitor?: readonly string[] | undefined;
}

export interface ServerDesk {
  readonly contexts: ContextStore;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Hands out what the flags name, or nothing, and closes the second connection whatever happens.
 *
 * @throws {NatsxError} usage — no http URL; not-found — no such context; connection, auth — of the system account
 */
export async function withServers<R>(
  choice: ServerChoice,
  { contexts, timeoutMs, signal }: ServerDesk,
  use: (servers: ServerSource | undefined) => Promise<R>,
): Promise<R> {
  const urls = (choice.monitor ?? []).map(monitorUrl);
  const name = choice['system-context'];
  if (urls.length === 0 && name === undefined) return use(undefined);
  const { allSources, monitoringPorts, systemAccount } = await import('../nats/backlog-servers.js');
  const ports = urls.length === 0 ? [] : [monitoringPorts(urls, timeoutMs)];
  if (name === undefined) return use(allSources(ports));
  const settings = resolveSettings([
    {
      origin: 'context',
      values: contextSettings(contexts.read(name)),
      source: () => `context ${name}`,
    },
  ]);
  const { connectClient } = await import('../nats/connect.js');
  const client = await connectClient(
    dialOptions(settings, { name: 'natsx backlog system', timeoutMs }),
    { waitForServerMs: 0, giveUpAfterMs: timeoutMs, onEvent: () => undefined },
    signal,
  );
  try {
    return await use(allSources([...ports, systemAccount(client.connection)]));
  } finally {
    await client.close();
  }
}

/** @throws {NatsxError} usage */
function monitorUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text;
  throw usageError(
    `${quoted(text)} is no URL of a monitoring port`,
    'write it as http://127.0.0.1:8222',
  );
}
