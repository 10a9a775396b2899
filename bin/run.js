#!/usr/bin/env node
'use strict';

// CommonJS, so that Node.js does not load its ES module loader for the quick commands.
const { enableCompileCache } = require('node:module');
const { dirname } = require('node:path');

const root = dirname(__dirname);
const argv = process.argv.slice(2);

if (argv.length === 1 && /^(--version|-V|-v)$/.test(argv[0]) && !isWsl()) {
  const { name, version } = require('../package.json');
  const architecture = process.arch === 'ia32' ? 'x86' : process.arch;
  // The reader may have gone.
  process.stdout.on('error', () => undefined);
  process.stdout.write(
    `${name}/${version} ${process.platform}-${architecture} node-${process.version}\n`,
  );
} else {
  // Keeps compiled code between runs, which halves the time to start; Node.js 20 does not have it.
  enableCompileCache?.();
  void run();
}

async function run() {
  const { quickCommands } = require('./quick-commands.js');
  // Scripts run these commands in loops, and one file loads faster than twenty.
  const wantsHelp =
    argv.some((word) => word === '--help' || word === '-h') || argv.join(' ') === 'pub help';
  const { main, commands } =
    quickCommands.has(argv[0]) && !wantsHelp
      ? require('../dist/quick.cjs')
      : { ...(await import('../dist/main.js')), ...(await import('../dist/commands.js')) };
  await main(argv, { root, commands });
}

/** oclif names this platform in the version, after more than one look at the system. */
function isWsl() {
  return process.platform === 'linux' && /microsoft/i.test(require('node:os').release());
}
