import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  connect,
  headers,
  type Msg,
  type NatsConnection,
  type PublishOptions,
} from '@nats-io/transport-node';

import { exampleFiles, restoreStreams } from './example-streams.js';
import { pathWithNatsx } from './natsx-on-path.js';
import { startNatsServer } from './nats-server.js';
import { cliEnvironment, emptyHome } from './run-cli.js';
import { ownChild } from './shut-down.js';
import { patientClient, patientManager } from './patient-jetstream.js';

/** What the examples of help and documentation take for granted: a server, traffic, a service, contexts. */
export interface ExampleWorld {
  /**
   * Runs a script as it is pasted into bash, in a home of its own.
   *
   * @param interruptWhen text after which Ctrl-C is pressed; without it the script must end by itself
   */
  run(script: string, interruptWhen?: RegExp): Promise<ExampleOutcome>;
  /** Removes all streams, and creates what the next example needs. */
  reset(options: ExampleWorldOptions): Promise<void>;
  close(): Promise<void>;
}

export interface ExampleOutcome {
  readonly code: number | null;
  readonly output: string;
}

/** Subjects on which the examples expect messages. */
const feed = [
  'orders.new',
  'orders.eu',
  'orders.paid',
  'jobs',
  'load.test',
  'service.a',
  'example',
  'events.a',
];
const body = '{"id":7,"total":120.5,"customer":"joe"}';

export interface ExampleWorldOptions {
  /** A stream ORDERS on `orders.>` that holds two hundred messages. @default false */
  readonly orders?: boolean;
  /** The stream allows batches and schedules, and has a schedule on `schedules.report`. @default false */
  readonly newest?: boolean;
  /** Its consumer billing. @default false */
  readonly billing?: boolean;
}

/** Starts a server with JetStream, a publisher that never rests, and services on `example.>` and `orders.price`. */
export async function startExampleWorld(): Promise<ExampleWorld> {
  const server = await startNatsServer({ jetstream: true });
  const connection = await connect({ servers: server.url });
  connection.subscribe('orders.price', { callback: (_, message) => void message.respond('7') });
  connection.subscribe('example.>', {
    callback: (_, message) => void message.respond(message.data, withHeadersOf(message)),
  });
  const feeder = setInterval(() => {
    for (const subject of feed) connection.publish(subject, body);
  }, 50);
  return {
    run: async (script, interruptWhen) => {
      // One example removes what the next one reads.
      if (/\b(stream|consumer) /.test(script)) await restoreStreams(connection);
      // The examples' default server is the one that runs here.
      return runInBash(script.replaceAll(':4222', `:${server.port}`), server.url, interruptWhen);
    },
    reset: async (options) => {
      const manager = await patientManager(connection);
      for await (const name of manager.streams.names()) await manager.streams.delete(name);
      await prepareOrders(connection, options);
    },
    close: async () => {
      clearInterval(feeder);
      await connection.close();
      await server.stop();
    },
  };
}

function withHeadersOf({ headers }: Msg): PublishOptions {
  return headers === undefined ? {} : { headers };
}

async function prepareOrders(
  connection: NatsConnection,
  { orders = false, billing = false, newest = false }: ExampleWorldOptions,
): Promise<void> {
  if (!orders) return;
  const manager = await patientManager(connection);
  const subjectsOfStream = ['orders.new', 'orders.eu', 'orders.paid'];
  if (newest) subjectsOfStream.push('orders.report', 'schedules.>');
  await manager.streams.add({
    name: 'ORDERS',
    subjects: subjectsOfStream,
    ...(newest && { allow_atomic: true, allow_batched: true, allow_msg_schedules: true }),
  });
  if (newest) {
    const schedule = headers();
    schedule.set('Nats-Schedule', '@at 2100-01-01T00:00:00Z');
    schedule.set('Nats-Schedule-Target', 'orders.report');
    await patientClient(connection).publish('schedules.report', '', { headers: schedule });
  }
  if (billing)
    await manager.consumers.add('ORDERS', { durable_name: 'billing', ack_policy: 'explicit' });
  const stream = patientClient(connection);
  const subjects = ['orders.new', 'orders.eu'];
  await Promise.all(
    Array.from({ length: 200 }, (_, n) => stream.publish(subjects[n % 2] ?? '', body)),
  );
}

function runInBash(script: string, url: string, interruptWhen?: RegExp): Promise<ExampleOutcome> {
  const home = homeWithContexts(url);
  const child = spawn('bash', ['-c', `set -e -o pipefail\n${script}`], {
    cwd: home,
    detached: true,
    env: cliEnvironment(home, { PATH: pathWithNatsx(home), NATS_URL: url }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ownChild(child);
  let output = '';
  let interrupted = false;
  const end = (signal: NodeJS.Signals) => process.kill(-(child.pid ?? 0), signal);
  const killer = setTimeout(() => end('SIGKILL'), 90_000);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (interrupted || interruptWhen?.test(output) !== true) return;
      interrupted = true;
      end('SIGINT');
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(killer);
      resolve({ code, output });
    });
  });
}

/** Contexts by the names that examples use, all of them for this server. */
function homeWithContexts(url: string): string {
  const home = emptyHome();
  const contexts = join(home, '.config/nats/context');
  mkdirSync(contexts, { recursive: true });
  mkdirSync(join(home, '.config/fish/completions'), { recursive: true });
  for (const name of ['prod', 'old', 'staging', 'local']) {
    writeFileSync(join(contexts, `${name}.json`), JSON.stringify({ url }));
  }
  for (const [name, content] of Object.entries(exampleFiles))
    writeFileSync(join(home, name), JSON.stringify(content));
  return home;
}
