#!/usr/bin/env node
/** `npm run demo`: brings a fresh clone into the state in which natsx runs, and starts `natsx demo`. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { makeReady, root } from './ready.mjs';

try {
  const { natsServer } = await makeReady();
  const args = ['demo', ...process.argv.slice(2), '--nats-server', natsServer];
  const child = spawn(process.execPath, [join(root, 'bin', 'run.js'), ...args], {
    stdio: 'inherit',
  });
  // Ctrl-C reaches both; the tour cleans up and decides the exit code.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => void child.kill(signal));
  child.once('close', (code) => process.exit(code ?? 1));
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
