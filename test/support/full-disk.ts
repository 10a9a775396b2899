import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { cliWords, emptyHome } from './run-cli.js';

/** Runs natsx with files that may not grow beyond this size, as on a disk that is full. */
export async function onFullDisk(args: readonly string[], bytes: number, stdout?: string) {
  const to = stdout === undefined ? '' : ` > "${stdout}"`;
  const script = `trap '' XFSZ; ulimit -f ${bytes / 1024}; exec "$@"${to}`;
  const child = spawn('bash', ['-c', script, 'bash', ...cliWords(), ...args], {
    env: { PATH: process.env['PATH'], HOME: emptyHome() },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}
