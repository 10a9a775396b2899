import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { startBenchServer } from './bench-server.mjs';

const root = join(import.meta.dirname, '..', '..');
const longestRunMs = 300_000;

/** What a program does at least when it uses the client library directly: connect, publish, flush, close. */
const bareScript = `import { connect } from '@nats-io/transport-node';
const connection = await connect({ servers: process.argv[2] });
connection.publish('a', 'b');
await connection.flush();
await connection.close();
`;

/**
 * @typedef {object} Files
 * @property {string} [stdin] a file to read from
 * @property {string} [stdout] a file to write to; otherwise the output is part of the result
 *
 * @typedef {object} Finished
 * @property {number} seconds from the start of the program to its end
 * @property {string} stdout
 * @property {string} stderr
 *
 * @typedef {object} Running
 * @property {Promise<Finished>} finished rejects when the program fails
 * @property {(signal: NodeJS.Signals) => Promise<void>} end ends the program, whatever its exit code
 */

/**
 * A server of its own for one comparison, and programs that run against it. A command is written as in a shell, with
 * `natsx`, `nats` or `bare-script` first and no quotes; the connection is added.
 *
 * @typedef {Awaited<ReturnType<typeof openLab>>} Lab
 * @param {{ jetstream: boolean, peer: string | undefined }} options peer: the path of `nats`
 */
export async function openLab({ jetstream, peer }) {
  const server = await startBenchServer({ jetstream });
  // In the project's folder, so that the script finds the client as an installed one would.
  const scriptFolder = mkdtempSync(join(root, 'dist', 'bare-'));
  const script = join(scriptFolder, 'bare.mjs');
  writeFileSync(script, bareScript);
  const connection = ['--server', server.url, '--no-context'];

  /** @param {string} command @returns {[string, string[]]} */
  function programOf(command) {
    const [name, ...args] = command.split(' ');
    if (name === 'natsx')
      return [process.execPath, [join(root, 'bin', 'run.js'), ...args, ...connection]];
    if (name === 'nats' && peer !== undefined) return [peer, [...args, ...connection]];
    if (name === 'bare-script') return [process.execPath, [script, server.url]];
    throw new Error(`cannot run ${command}`);
  }

  const environment = { ...process.env, XDG_CONFIG_HOME: server.folder };
  /** @type {Running[]} */
  const started = [];
  const start = (/** @type {string} */ command, /** @type {Files} */ files = {}) => {
    const running = startProgram(command, programOf(command), environment, files);
    started.push(running);
    return running;
  };

  /** @param {string} path @returns {Promise<any>} what the monitoring port answers */
  async function monitored(path) {
    return (await fetch(new URL(path, server.monitorUrl))).json();
  }

  /** @param {string} subject */
  async function isSubscribed(subject) {
    const { subscriptions_list: list = [] } = await monitored('/subsz?subs=1');
    return list.some((/** @type {{ subject: string }} */ each) => each.subject === subject);
  }

  return {
    url: server.url,
    start,
    /** @param {string} command @param {Files} [files] */
    run: (command, files) => start(command, files).finished,
    /** @param {string} name @returns {string} the path of a file in the temporary folder */
    path: (name) => join(server.folder, name),
    /** Messages that clients have published so far. */
    published: async () => Number((await monitored('/varz')).in_msgs),
    /** Messages in all streams. */
    stored: async () => Number((await monitored('/jsz')).messages),
    /**
     * Waits until a program has subscribed, or none is subscribed any longer. @param {string} subject
     * @param {boolean} wanted
     */
    subscribed: async (subject, wanted) => {
      const deadline = performance.now() + 30_000;
      while ((await isSubscribed(subject)) !== wanted) {
        if (performance.now() > deadline)
          throw new Error(`${subject} is ${wanted ? 'not' : 'still'} subscribed after 30 s`);
        await pause(5);
      }
    },
    close: async () => {
      // After a failure one may still run.
      for (const { end } of started) await end('SIGKILL').catch(() => undefined);
      rmSync(scriptFolder, { recursive: true, force: true });
      await server.stop();
    },
  };
}

/**
 * @param {string} command for messages @param {[string, string[]]} program @param {NodeJS.ProcessEnv} env
 * @param {Files} files @returns {Running}
 */
function startProgram(command, [program, args], env, files) {
  const stdin = files.stdin === undefined ? 'ignore' : openSync(files.stdin, 'r');
  const stdout = files.stdout === undefined ? 'pipe' : openSync(files.stdout, 'w');
  const output = { stdout: '', stderr: '' };
  const startedMs = performance.now();
  const child = spawn(program, args, {
    env,
    stdio: [stdin, stdout, 'pipe'],
    timeout: longestRunMs,
  });
  for (const file of [stdin, stdout]) if (typeof file === 'number') closeSync(file);
  for (const name of /** @type {const} */ (['stdout', 'stderr']))
    child[name]?.setEncoding('utf8').on('data', (text) => (output[name] += text));
  const exited = once(child, 'exit').then(([code]) => ({
    code,
    seconds: (performance.now() - startedMs) / 1000,
  }));
  const finished = Promise.all([exited, once(child, 'close')]).then(([{ code, seconds }]) => {
    if (code === 0) return { seconds, ...output };
    throw new Error(`${command}: exit code ${code}\n${output.stderr.slice(0, 1_000)}`);
  });
  // A program that is ended, or that nothing waits for yet.
  finished.catch(() => undefined);
  return {
    finished,
    end: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
}
