import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/ready.mjs';

import { CHAPTERS } from '../../src/demo/model/chapters.js';
import { cliEnvironment, emptyHome, runCli } from '../support/run-cli.js';
import { serverBinary } from '../support/server-version.js';
import { ownChild, temporaryFolder } from '../support/shut-down.js';

interface Tour {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the tour without a terminal; `onText` sees everything that was written so far. */
async function runDemo(
  args: readonly string[],
  temporary: string,
  onText: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
): Promise<Tour> {
  const child = spawn(process.execPath, [join(root, 'scripts/demo.mjs'), ...args], {
    // A context or a server of the user's own must not take part.
    env: cliEnvironment(emptyHome(), {
      NATSX_NATS_SERVER: await serverBinary(),
      NATS_URL: 'nats://127.0.0.1:1',
      TMPDIR: temporary,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ownChild(child);
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onText(stdout, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

describe('the whole tour', () => {
  const folder = temporaryFolder('demo-test');
  let tour: Tour;
  beforeAll(async () => {
    tour = await runDemo([], folder);
  });

  it('ends well', () => {
    expect({ code: tour.code, stderr: tour.stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('has all its chapters, and shows commands before their output', () => {
    expect(tour.stdout.match(/^── \d+\/\d+ /gm)).toHaveLength(CHAPTERS.length);
    expect(tour.stdout).toMatch(/\$ natsx pub greetings 'Hello NATS!'\npublished 1 message/);
    expect(tour.stdout).toMatch(/\$ export NATS_URL=nats:\/\/127\.0\.0\.1:\d+/);
  });

  it('writes no escape sequences without a terminal', () => {
    expect(tour.stdout).not.toContain('\u001b');
  });

  it('leaves neither a server nor a file behind', async () => {
    expect(readdirSync(folder)).toEqual([]);
    const url = /NATS_URL=nats:\/\/(\S+)/.exec(tour.stdout)?.[1] ?? '';
    await expect(fetch(`http://${url}`)).rejects.toThrow();
  });
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('cleans up after %s in the middle of a chapter', async (signal, code) => {
  const folder = temporaryFolder('demo-test');
  const tour = await runDemo(['1'], folder, (text, kill) => {
    if (text.includes('$ natsx sub')) kill(signal);
  });
  expect(tour.code).toBe(code);
  expect(readdirSync(folder)).toEqual([]);
});

it('fails when there is no such chapter', async () => {
  const { code, stderr } = await runDemo(['99'], temporaryFolder('demo-test'));
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'error: there is no chapter "99"\nhint: the chapters are 1 to 9\n',
  });
});

it.skipIf(existsSync('/usr/sbin/nats-server') || existsSync('/usr/local/bin/nats-server'))(
  'says how to get a nats-server where there is none',
  async () => {
    const home = emptyHome();
    const run = await runCli(['demo'], { home, env: { PATH: home } });
    expect(run.code).toBe(7);
    expect(run.stderr).toContain('the tour needs a nats-server');
    expect(run.stderr).toContain('--nats-server');
  },
);
