import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import {
  startNatsServer as startProcess,
  writeServerConfig,
} from '../../scripts/start-nats-server.mjs';
import { eventually } from './eventually.js';
import { pauseChild } from './pause-child.js';
import { configText, tlsBlock, type ConfigBlock, type ServerTls } from './server-config.js';
import { serverBinary } from './server-version.js';
import { endChild, hasEnded, ownChild, temporaryFolder } from './shut-down.js';

export interface ServerOptions {
  /** Server name as INFO tells it. @default the server's own choice */
  readonly name?: string;
  /** JetStream with a file store in a temporary folder; with a domain when one is named. @default false */
  readonly jetstream?: boolean | { readonly domain?: string };
  /** Largest payload in bytes. @default 1 MiB, the server's own */
  readonly maxPayload?: number;
  /** The `authorization` block, e.g. `{ user: 'a', password: 'b' }` or `{ token: 's3cr3t' }`. */
  readonly authorization?: Extract<ConfigBlock, object>;
  readonly tls?: ServerTls;
  /** `true` accepts leaf nodes (see `leafUrl`); a URL connects this server as a leaf node to that one. */
  readonly leafnode?: true | { readonly remote: string };
  /** Whatever else the server is to be configured with. */
  readonly config?: ConfigBlock;
  /** Path of another nats-server program than the one under test. */
  readonly binary?: string;
  /** Client port, for tests that need to know it before the server runs. @default the system's choice */
  readonly port?: number;
}

/** A real nats-server of a test's own, on 127.0.0.1. It is ended with the test file at the latest. */
export interface NatsServer {
  /** `nats://127.0.0.1:port`, or `tls://…` for a server with TLS. */
  readonly url: string;
  readonly port: number;
  /** The HTTP monitoring end point, without a closing slash. */
  readonly monitorUrl: string;
  readonly monitorPort: number;
  /** Where leaf nodes connect; present when they are accepted. */
  readonly leafUrl: string | undefined;
  /** Process id of the current process; another one after `restart()`. */
  readonly pid: number;
  /** JetStream's store; it survives `restart()`. */
  readonly storeFolder: string;
  /** Everything the server has logged, over restarts. */
  logs(): string;
  /** Waits until the log has such a line; returns the match. */
  waitForLog(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** GET on the monitoring port, parsed: `monitor('/varz')`. */
  monitor(path: string): Promise<Record<string, unknown>>;
  /** Ends the process in good order and waits until it is gone. */
  stop(): Promise<void>;
  /** Sends a signal (SIGKILL unless another is named) and, when it ends the server, waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Freezes the process, and waits until it is frozen: connections stay open, nothing is answered. */
  pause(): void;
  resume(): void;
  /** Ends the process if it runs, and starts it again on the same ports with the same store. */
  restart(options?: RestartOptions): Promise<void>;
  /** Replaces `config` while the server runs (SIGHUP), and waits until it has taken effect. */
  reload(config: ConfigBlock): Promise<void>;
}

export interface RestartOptions {
  /** How the running process is ended. @default SIGTERM */
  readonly signal?: NodeJS.Signals;
  /** Replaces `config` of the options it was started with. */
  readonly config?: ConfigBlock;
}

interface Ports {
  readonly client: number;
  readonly monitor: number;
  readonly leaf: number;
}

const anyPort = -1;
const anyPorts: Ports = { client: anyPort, monitor: anyPort, leaf: anyPort };

/** Signals after which a server lives on. */
const survivedSignals: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGUSR1', 'SIGSTOP', 'SIGCONT'];

/** One process of a server. */
interface Launched {
  readonly child: ChildProcess;
  readonly log: () => string;
  readonly ports: Ports;
  /** The ports as its configuration has them: -1 where it was free to pick one. */
  readonly wanted: Ports;
}

/** What stays the same when a server is restarted. */
interface Plan {
  readonly options: ServerOptions;
  readonly binary: string;
  readonly folder: string;
  readonly storeFolder: string;
}

/**
 * Starts a nats-server and resolves when it accepts connections.
 *
 * @throws {Error} with the server's log, when it exits early or is not ready in time
 */
export async function startNatsServer(options: ServerOptions = {}): Promise<NatsServer> {
  const folder = temporaryFolder('server');
  const binary = options.binary ?? (await serverBinary());
  const plan: Plan = { options, binary, folder, storeFolder: join(folder, 'store') };
  const earlierLogs: string[] = [];
  let current = await launch(plan, { ...anyPorts, client: options.port ?? anyPort });
  const { ports } = current;
  const logs = () => [...earlierLogs, current.log()].join('');

  return {
    ...addresses(options, ports),
    storeFolder: plan.storeFolder,
    get pid() {
      return current.child.pid ?? 0;
    },
    logs,
    waitForLog: (pattern, timeoutMs = 30_000) =>
      eventually(`${pattern} in the server's log`, () => pattern.exec(logs()), { timeoutMs }),
    monitor: async (path) => {
      const response = await fetch(`http://127.0.0.1:${ports.monitor}${path}`);
      return (await response.json()) as Record<string, unknown>;
    },
    stop: () => endChild(current.child),
    kill: async (signal = 'SIGKILL') => {
      if (survivedSignals.includes(signal)) current.child.kill(signal);
      else await endChild(current.child, signal);
    },
    pause: () => pauseChild(current.child),
    resume: () => void current.child.kill('SIGCONT'),
    restart: async ({ signal = 'SIGTERM', config } = {}) => {
      if (!hasEnded(current.child)) await endChild(current.child, signal);
      earlierLogs.push(current.log());
      // Somebody else may hold the port for a moment, e.g. as the near end of a connection of their own.
      const again = () => launch(plan, ports, config);
      current = await eventually('the server runs on its old port', again, { intervalMs: 50 });
    },
    reload: (config) => reload(plan, current, config),
  };
}

function addresses({ tls, leafnode }: ServerOptions, ports: Ports) {
  return {
    url: `${tls ? 'tls' : 'nats'}://127.0.0.1:${ports.client}`,
    port: ports.client,
    monitorUrl: `http://127.0.0.1:${ports.monitor}`,
    monitorPort: ports.monitor,
    leafUrl: leafnode === true ? `nats://127.0.0.1:${ports.leaf}` : undefined,
  };
}

async function launch(plan: Plan, wanted: Ports, config?: ConfigBlock): Promise<Launched> {
  const { binary, folder, options } = plan;
  const { child, log, ports } = await startProcess({
    binary,
    folder,
    port: wanted.client,
    config: serverConfig(plan, wanted, config),
    onSpawn: ownChild,
  });
  const leaf = options.leafnode === true ? await leafPort(log) : anyPort;
  const client = portOf(ports.nats[0]);
  const monitor = portOf(ports.monitoring?.[0]);
  return { child, log, ports: { client, monitor, leaf }, wanted };
}

async function reload(plan: Plan, current: Launched, config: ConfigBlock): Promise<void> {
  // A reload may not change the ports, not even from "any" to the one that was picked.
  const { wanted, child, log } = current;
  const text = serverConfig(plan, wanted, config);
  writeServerConfig({ folder: plan.folder, port: wanted.client, config: text });
  const before = log().length;
  child.kill('SIGHUP');
  const outcome = await eventually('the server has reloaded', () =>
    /Reloaded server configuration|Failed to reload.*/.exec(log().slice(before)),
  );
  if (outcome[0].startsWith('Failed')) throw new Error(outcome[0]);
}

function serverConfig(plan: Plan, ports: Ports, config = plan.options.config): string {
  const { options, storeFolder } = plan;
  const { jetstream, leafnode } = options;
  const blocks: ConfigBlock[] = [{ http: `127.0.0.1:${ports.monitor}` }];
  if (options.name !== undefined) blocks.push({ server_name: options.name });
  if (jetstream) {
    const domain = jetstream === true ? undefined : jetstream.domain;
    // sync_interval is left alone: tests that kill a server want what production has.
    blocks.push({ jetstream: { store_dir: storeFolder, ...(domain !== undefined && { domain }) } });
  }
  if (options.maxPayload !== undefined) blocks.push({ max_payload: options.maxPayload });
  if (options.authorization) blocks.push({ authorization: options.authorization });
  if (options.tls) blocks.push(tlsBlock(options.tls));
  if (leafnode === true) blocks.push({ leafnodes: { host: '127.0.0.1', port: ports.leaf } });
  else if (leafnode) blocks.push({ leafnodes: { remotes: [{ url: leafnode.remote }] } });
  if (config !== undefined) blocks.push(config);
  return configText(blocks);
}

function portOf(url: string | undefined): number {
  if (url === undefined) throw new Error('the ports file names no such port');
  return Number(new URL(url).port);
}

/** The ports file does not tell where leaf nodes connect; the log does. */
async function leafPort(log: () => string): Promise<number> {
  const line = /Listening for leafnode connections on \S+:(\d+)/;
  const match = await eventually('leaf nodes are listened for', () => line.exec(log()));
  return Number(match[1]);
}
