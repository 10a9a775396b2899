import { beforeAll, beforeEach, expect } from 'vitest';

import { startNatsServer, type NatsServer } from './nats-server.js';
import { runCli, type CliOptions, type CliResult } from './run-cli.js';

/** A server of the file's own with the stream ORDERS, and a name for a consumer of each test's own. */
export interface OwnConsumers {
  /** Of the present test. */
  readonly name: string;
  readonly url: string;
  /** Runs a line of words, in which NAME stands for the name. */
  readonly natsx: (line: string, options?: CliOptions) => Promise<CliResult>;
  /** The same with --json, of a command that succeeds without a word. */
  readonly okJson: (line: string, options?: CliOptions) => Promise<Record<string, unknown>>;
  /** The same with --json, of a command that fails. */
  readonly failure: (line: string, options?: CliOptions) => Promise<Failure>;
}

interface Failure {
  readonly code: number | null;
  readonly message: string;
  readonly hint?: string;
}

export function ownConsumers(): OwnConsumers {
  let server: NatsServer;
  let count = 0;
  let name = '';

  const natsx: OwnConsumers['natsx'] = (line, options) => {
    const words = line.split(' ').map((word) => (word === 'NAME' ? name : word));
    return runCli([...words, '--server', server.url], options);
  };
  beforeAll(async () => {
    server = await startNatsServer({ jetstream: true });
    expect((await natsx('stream create ORDERS --subjects orders.>')).code).toBe(0);
  });
  beforeEach(() => {
    count += 1;
    name = `c${count}`;
  });
  return {
    get name() {
      return name;
    },
    get url() {
      return server.url;
    },
    natsx,
    okJson: async (line, options) => {
      const run = await natsx(`${line} --json`, options);
      expect({ line, code: run.code, stderr: run.stderr }).toEqual({ line, code: 0, stderr: '' });
      return JSON.parse(run.stdout) as Record<string, unknown>;
    },
    failure: async (line, options) => {
      const run = await natsx(`${line} --json`, options);
      const { error } = JSON.parse(run.stderr) as { error: { message: string; hint?: string } };
      return { code: run.code, ...error };
    },
  };
}
