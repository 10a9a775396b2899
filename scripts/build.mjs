// Bundles the commands and makes oclif's manifest: few files and no node_modules to search at start-up.
import { rmSync, readFileSync, writeFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const target = join(root, 'dist');

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : path.endsWith('.ts') ? [path] : [];
  });
}

rmSync(target, { recursive: true, force: true });
rmSync(join(root, 'oclif.manifest.json'), { force: true });

const entryPoints = {
  main: join(source, 'cli/main.ts'),
  help: join(source, 'cli/help.ts'),
  // Worker threads start from a file of their own.
  ...Object.fromEntries(
    filesBelow(source)
      .filter((file) => file.endsWith('worker.ts'))
      .map((file) => [relative(source, file).replace(/\.ts$/, ''), file]),
  ),
  ...Object.fromEntries(
    filesBelow(join(source, 'commands')).map((file) => [
      relative(source, file).replace(/\.ts$/, ''),
      file,
    ]),
  ),
};

const { metafile } = await build({
  entryPoints,
  outdir: target,
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.12',
  chunkNames: 'chunks/[name]-[hash]',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // oclif would use these in development only.
  external: ['typescript', 'ts-node', 'tsx'],
  // CommonJS inside an ES module still asks for require, __dirname and __filename.
  banner: {
    js: "import{createRequire as __natsxRequire}from'node:module';import{fileURLToPath as __natsxPath}from'node:url';import{dirname as __natsxDir}from'node:path';const require=__natsxRequire(import.meta.url),__filename=__natsxPath(import.meta.url),__dirname=__natsxDir(__filename);",
  },
});

writeFileSync(join(target, 'THIRD-PARTY-LICENSES.txt'), licences(Object.keys(metafile.inputs)));
await writeManifest();

/** Every package whose code is in the bundle, with its licence text. @param {string[]} inputs */
function licences(inputs) {
  const packages = new Set(
    inputs.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean),
  );
  return [...packages]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(
        readFileSync(join(root, folder, 'package.json'), 'utf8'),
      );
      const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8').trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

async function writeManifest() {
  const { Plugin } = await import('@oclif/core/config');
  const plugin = new Plugin({
    root,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    isRoot: true,
  });
  await plugin.load();
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest)}\n`);
}
