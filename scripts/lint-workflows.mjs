#!/usr/bin/env node
/** `npm run lint:workflows` checks `.github/workflows` with actionlint, which it builds into natsx's cache once. */
import { spawnSync } from 'node:child_process';
import { goInstall, installIntoCache, programsInCache, programsOnPath } from './find-program.mjs';
import { root } from './ready.mjs';

const version = '1.7.7';
const name = 'actionlint';

try {
  const program = programsOnPath(name, process.env)[0] ?? programsInCache(name, process.env)[0];
  const { status } = spawnSync(program ?? (await build()), [], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function build() {
  process.stderr.write(`${name}: building ${version} …\n`);
  return installIntoCache(name, version, process.env, (folder) =>
    goInstall(`github.com/rhysd/actionlint/cmd/actionlint@v${version}`, folder, process.env),
  );
}
