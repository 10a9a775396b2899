#!/usr/bin/env node
import module, { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { quickCommands } from './quick-commands.js';

// Keeps compiled code between runs, which halves the time to start; Node.js 20 does not have it.
module.enableCompileCache?.();

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const argv = process.argv.slice(2);

// Scripts run these commands in loops, and one file loads faster than twenty.
const wantsHelp =
  argv.some((word) => word === '--help' || word === '-h') || argv.join(' ') === 'pub help';
const { main, commands } =
  quickCommands.has(argv[0]) && !wantsHelp
    ? createRequire(import.meta.url)('../dist/quick.cjs')
    : await import('../dist/main.js');
await main(argv, root, commands);
