// Bundles the commands and writes oclif's manifest: few files, and no node_modules to search at start-up.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { quickCommands } from '../bin/quick-commands.js';
import { commandTable, filesBelow, lazyOclif, withoutUnused } from './bundle-parts.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const target = join(root, 'dist');

/** For how long old chunks stay: a run that started before a rebuild may still load them. */
const CHUNK_GRACE_MS = 10 * 60_000;
const packing = process.env.npm_lifecycle_event === 'prepack';

/**
 * Quick commands do not need the NATS client, which the base command can load.
 * @type {import('esbuild').Plugin}
 */
const withoutClient = {
  name: 'without-client',
  setup(context) {
    context.onResolve({ filter: /connection\/connect\.js$/ }, ({ path }) => ({
      path,
      namespace: 'unused',
    }));
  },
};

const sources = filesBelow(source).filter((file) => file.endsWith('.ts'));
const commands = sources.filter((file) => file.startsWith(join(source, 'commands')));
const workers = sources.filter((file) => file.endsWith('/worker.ts'));

const entryPoints = {
  main: join(source, 'terminal/main.ts'),
  help: join(source, 'terminal/help.ts'),
  // Worker threads start from separate files.
  ...Object.fromEntries([...workers, ...commands].map((file) => [entryName(file), file])),
};

const { metafile, outputFiles } = await build({
  // A failed build keeps the last good one.
  write: false,
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
  minifyIdentifiers: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // oclif uses these only in development.
  external: ['typescript', 'ts-node', 'tsx'],
  plugins: [withoutUnused, lazyOclif],
  // CommonJS modules need require, __dirname and __filename inside an ES module.
  banner: {
    js: "import{createRequire as __natsxRequire}from'node:module';import{fileURLToPath as __natsxPath}from'node:url';import{dirname as __natsxDir}from'node:path';const require=__natsxRequire(import.meta.url),__filename=__natsxPath(import.meta.url),__dirname=__natsxDir(__filename);",
  },
});

const licencesFile = join(target, 'THIRD-PARTY-LICENSES.txt');
// Chunks before the files that import them.
for (const { path, contents } of [...outputFiles].sort(
  (a, b) => Number(isChunk(b.path)) - Number(isChunk(a.path)),
)) {
  replaceFile(path, contents);
}
replaceFile(licencesFile, licences(Object.keys(metafile.inputs)));
const commandsFile = join(target, 'commands.js');
const quickFile = join(target, 'quick.cjs');
removeStale(
  new Set([licencesFile, commandsFile, quickFile, ...outputFiles.map(({ path }) => path)]),
);
const manifest = await manifestOf();
const known = Object.values(manifest.commands);
replaceFile(
  commandsFile,
  `export const commands = ${commandTable(known, (id) => fileOf(id).replace(/^dist/, '.'))};\n`,
);
for (const { contents } of (await buildQuick()).outputFiles) replaceFile(quickFile, contents);
replaceFile(join(root, 'oclif.manifest.json'), `${JSON.stringify(manifest)}\n`);

/** The commands that bin/run.js starts from a single CommonJS file, which Node.js loads at once. */
function buildQuick() {
  const ids = new Set(quickCommands.values());
  const table = commandTable(
    known.filter(({ id }) => ids.has(id)),
    (id) => `./src/commands/${id}.ts`,
  );
  const contents = `export { main } from './src/terminal/main.ts';\nexport const commands = ${table};`;
  return build({
    write: false,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile: quickFile,
    absWorkingDir: root,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.12',
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    external: ['typescript', 'ts-node', 'tsx'],
    plugins: [withoutClient, withoutUnused, lazyOclif],
  });
}

/** Where a command was built, below the package's folder. @param {string} id */
function fileOf(id) {
  return manifest.commands[id].relativePath.join('/');
}

/** @param {string} file */
function entryName(file) {
  return relative(source, file).replace(/\.ts$/, '');
}

/** @param {string} path */
function isChunk(path) {
  return path.startsWith(join(target, 'chunks'));
}

/** Replaces a file at once, for runs of natsx at this moment. @param {string} path @param {string | Uint8Array} contents */
function replaceFile(path, contents) {
  if (isChunk(path) && existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

/** @param {ReadonlySet<string>} current */
function removeStale(current) {
  for (const path of filesBelow(target)) {
    if (current.has(path)) continue;
    const young =
      Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < CHUNK_GRACE_MS;
    if (packing || !isChunk(path) || !young) rmSync(path, { force: true });
  }
}

/** All packages in the bundle, with the texts of their licences. @param {string[]} inputs */
function licences(inputs) {
  const packages = new Set(
    inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
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

/** @returns {Promise<{ version: string, commands: Record<string, import('./bundle-parts.mjs').ManifestCommand> }>} */
async function manifestOf() {
  const { Plugin } = await import('@oclif/core/config');
  const plugin = new Plugin({
    root,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    isRoot: true,
  });
  await plugin.load();
  return JSON.parse(JSON.stringify(plugin.manifest));
}
