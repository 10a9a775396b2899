import { connect, type NatsConnection } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';
import { readWindow } from '../../../../src/backlog/run/window.js';
import { diagnose } from '../../../../src/backlog/model/diagnose.js';
import type { BacklogReport } from '../../../../src/backlog/model/report.js';
import type { ServerSource } from '../../../../src/backlog/run/reader/server-source.js';
import {
  startNatsServer,
  type NatsServer,
  type ServerOptions,
} from '../../../support/nats-server.js';

/** A server that is stopped when the running test ends. */
export async function start(options: ServerOptions = {}): Promise<NatsServer> {
  const server = await startNatsServer(options);
  onTestFinished(() => server.stop());
  return server;
}

/** A client that is closed when the running test ends. A user's password is the user's name. */
export async function open(
  server: NatsServer,
  { name = 'admin', user }: { readonly name?: string; readonly user?: string } = {},
): Promise<NatsConnection> {
  const credentials = user === undefined ? {} : { user, pass: user };
  const connection = await connect({ servers: server.url, name, ...credentials });
  onTestFinished(() => connection.close());
  return connection;
}

/** What is told of the connections of an account, over one of its own, while something happens. */
export async function lookAtConnections(
  viewer: NatsConnection,
  { servers, windowMs = 1500 }: { readonly servers?: ServerSource; readonly windowMs?: number },
  during: () => Promise<void> = () => Promise.resolve(),
): Promise<BacklogReport> {
  const scope = { apiPrefix: '$JS.API', timeoutMs: 30_000 };
  const request = { windowMs, taps: false, coreOnly: true, scope };
  const reading = readWindow(viewer, request, new AbortController().signal, { servers });
  await during();
  return diagnose(await reading);
}
