#!/usr/bin/env node
import module, { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

// Newer Nodes keep compiled code between runs, which halves the time to start; Node 20 has no such thing.
module.enableCompileCache?.();

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const argv = process.argv.slice(2);

// What scripts run in loops starts from one file: loading twenty takes as long as all the rest. The list is build.mjs's.
const wantsHelp =
  argv.some((word) => word === '--help' || word === '-h') || argv.join(' ') === 'pub help';
const isQuick = !wantsHelp && /^(pub|request|req|reply)$/.test(argv[0] ?? '');
const { main, commands } = isQuick
  ? createRequire(import.meta.url)('../dist/quick.cjs')
  : await import('../dist/main.js');
await main(argv, root, commands);
