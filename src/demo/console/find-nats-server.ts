import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

import { NatsxError, usageError } from '../../core/errors.js';

/** Where programs of servers are, even if PATH leaves these folders out. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * The program of a nats-server: the one that the user names, else the first on PATH, else the newest that natsx's own
 * scripts have installed in the cache.
 *
 * @param named with `--nats-server` or `NATSX_NATS_SERVER`
 * @throws {NatsxError} usage — the named one cannot be run; not-found — there is none, with how to get one
 */
export function findNatsServer(named: string | undefined): string {
  const { env } = process;
  if (named !== undefined) {
    if (isExecutable(named)) return named;
    throw usageError(`"${named}" is not a program that can be run`, 'name a nats-server');
  }
  const name = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
  const folders = [...(env['PATH'] ?? '').split(delimiter), ...SERVER_FOLDERS];
  const found = [...folders.map((folder) => join(folder, name)), ...cached(name, env)].find(
    isExecutable,
  );
  if (found !== undefined) return found;
  throw new NatsxError('not-found', 'the tour needs a nats-server, and there is none on PATH', {
    hint: `${INSTALL}; or name one with --nats-server PATH`,
  });
}

const INSTALL =
  process.platform === 'darwin'
    ? 'install one with brew install nats-server'
    : process.platform === 'win32'
      ? 'install one with winget install NATSAuthors.NATSServer, or from https://github.com/nats-io/nats-server/releases'
      : 'install one from https://github.com/nats-io/nats-server/releases, or with apt install nats-server';

/** Versions in the cache, the newest first. */
function cached(name: string, env: NodeJS.ProcessEnv): readonly string[] {
  const cache = env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache');
  const home = join(cache, 'natsx', 'nats-server');
  try {
    return readdirSync(home)
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((version) => join(home, version, name));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
