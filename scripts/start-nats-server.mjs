/**
 * Starts a nats-server on a port of its own choice and knows for a fact when it is ready. The tests, the demo and
 * the comparisons all start their servers here.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const pollIntervalMs = 2;

/**
 * @typedef {object} ServerPorts What the server wrote into its ports file.
 * @property {string[]} nats client URLs
 * @property {string[]} [monitoring] HTTP URLs
 * @property {string[]} [cluster] route URLs
 */

/**
 * @typedef {object} StartRequest
 * @property {string} binary path of the nats-server program
 * @property {string} folder existing folder for configuration and ports file; the caller owns and removes it
 * @property {string} config configuration text; host, ports_file_dir, and a port when none is named, are added here
 * @property {number} [port] client port; the system picks one when it is left out
 * @property {number} [timeoutMs] how long the server may take to be ready; 30,000 by default
 * @property {(child: import('node:child_process').ChildProcess) => void} [onSpawn] told of the process at once, before it is ready
 */

/**
 * @typedef {object} RunningServer
 * @property {import('node:child_process').ChildProcess} child
 * @property {ServerPorts} ports
 * @property {() => string} log what the server has said so far
 */

/**
 * Starts a server and waits until its ports file says that it accepts connections.
 *
 * @param {StartRequest} request
 * @returns {Promise<RunningServer>}
 * @throws {Error} with the server's log, when it exits early or is not ready in time
 */
export async function startNatsServer(request) {
  const { binary, folder, timeoutMs = 30_000 } = request;
  mkdirSync(folder, { recursive: true });
  const configFile = writeServerConfig(request);
  const child = spawn(binary, ['-c', configFile], { stdio: ['ignore', 'pipe', 'pipe'] });
  request.onSpawn?.(child);
  const log = collectLog(child);
  const ended = endOf(child);
  const portsFile = join(folder, `nats-server_${child.pid}.ports`);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (ended.reason !== undefined) {
      throw new Error(`nats-server ${ended.reason} before it was ready:\n${log()}`);
    }
    const ports = await readPorts(portsFile);
    if (ports !== undefined) {
      await rm(portsFile, { force: true });
      return { child, ports, log };
    }
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`nats-server was not ready within ${timeoutMs} ms:\n${log()}`);
    }
    await pause(pollIntervalMs);
  }
}

/**
 * Writes the configuration file that a server started with this request reads, also when it is told to reload.
 *
 * @param {Pick<StartRequest, 'config' | 'folder' | 'port'>} request
 * @returns {string} the file's path
 */
export function writeServerConfig({ config, folder, port = -1 }) {
  const file = join(folder, 'server.conf');
  const edge = [`host: "127.0.0.1"`, `port: ${port}`, `ports_file_dir: ${JSON.stringify(folder)}`];
  writeFileSync(file, [...edge, config, ''].join('\n'), { mode: 0o600 });
  return file;
}

/** @param {import('node:child_process').ChildProcess} child */
function collectLog(child) {
  /** @type {string[]} */
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => chunks.push(text));
  }
  return () => chunks.join('');
}

/** @param {import('node:child_process').ChildProcess} child */
function endOf(child) {
  /** @type {{ reason: string | undefined }} */
  const end = { reason: undefined };
  child.once('error', (error) => {
    end.reason = `could not be started (${error.message})`;
  });
  // 'close' comes after the last of the log.
  child.once('close', (code, signal) => {
    end.reason ??= signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  });
  return end;
}

/**
 * @param {string} file
 * @returns {Promise<ServerPorts | undefined>} undefined while the file is missing or half written
 */
async function readPorts(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
