import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { exampleLines, manifestCommands } from '../support/manifest.js';
import { pathWithNatsx } from '../support/natsx-on-path.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { cliEnvironment, emptyHome, startCli, type RunningCli } from '../support/run-cli.js';
import { ownChild } from '../support/shut-down.js';

/** Commands that run until somebody ends them; all others must end by themselves. */
const endless: readonly string[] = ['sub', 'queue-sub', 'reply'];

/** Ctrl-C before the end of a --duration is an interruption; without a goal it is the end. */
const codeAfterInterrupt = (line: string) => (line.includes('--duration') ? 130 : 0);

/** Subjects on which the examples expect messages. */
const feed = ['orders.new', 'orders.eu', 'jobs', 'service.a', 'example', 'events.a'];

let server: NatsServer;
let connection: NatsConnection;
let responder: RunningCli;
let feeder: NodeJS.Timeout;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  connection = await connect({ servers: server.url });
  feeder = setInterval(() => {
    for (const subject of feed) connection.publish(subject, '{"id":7,"total":120}');
  }, 50);
  responder = startCli(['reply', 'example.>', '--echo', '-s', server.url]);
  await responder.waitForStderr(/listening on/);
});

afterAll(async () => {
  clearInterval(feeder);
  await connection.close();
});

const commands = manifestCommands();

describe.each(commands)('natsx %s', (words, command) => {
  it.each(exampleLines(command).map((line) => [line] as const))('%s', async (line) => {
    const isEndless = endless.includes(words);
    const { code, output } = await runExample(line, isEndless);
    expect({ code, output }).toEqual({ code: isEndless ? codeAfterInterrupt(line) : 0, output });
  });
});

/** What such a command says when it stands. */
const ready = /subscribed to|listening on/;

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a line as it is pasted into a shell, in a home of its own that has the contexts that examples name. */
function runExample(line: string, isEndless: boolean): Promise<Outcome> {
  const home = homeWithContexts();
  // The examples' default server is the one that runs here.
  const command = line.replaceAll(':4222', `:${server.port}`);
  const child = spawn('bash', ['-c', `set -o pipefail; ${command}`], {
    cwd: home,
    detached: true,
    env: cliEnvironment(home, { PATH: pathWithNatsx(home), NATS_URL: server.url }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ownChild(child);
  let output = '';
  let interrupted = false;
  const end = (signal: NodeJS.Signals) => process.kill(-(child.pid ?? 0), signal);
  const killer = setTimeout(() => end('SIGKILL'), 25_000);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!isEndless || interrupted || !ready.test(output)) return;
      interrupted = true;
      // With a goal that the feeder fulfils it ends by itself.
      if (!line.includes('--count')) end('SIGINT');
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

function homeWithContexts(): string {
  const home = emptyHome();
  const contexts = join(home, '.config/nats/context');
  mkdirSync(contexts, { recursive: true });
  mkdirSync(join(home, '.config/fish/completions'), { recursive: true });
  for (const name of ['prod', 'old', 'staging', 'local']) {
    writeFileSync(join(contexts, `${name}.json`), JSON.stringify({ url: server.url }));
  }
  return home;
}
