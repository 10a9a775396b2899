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

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const target = join(root, 'dist');

/** For how long old chunks stay: a run that started before a rebuild may still load them. */
const CHUNK_GRACE_MS = 10 * 60_000;
const packing = process.env.npm_lifecycle_event === 'prepack';

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** @param {string} contents of a CommonJS module @returns {import('esbuild').OnLoadResult} */
const stub = (contents) => ({ contents, loader: 'js' });

/**
 * Modules of oclif that natsx never runs: it finds commands in its manifest, without patterns, and has no plugins to
 * search for; it prints no debug messages of oclif; and it shows one spinner.
 * @type {import('esbuild').Plugin}
 */
const withoutUnused = {
  name: 'without-unused',
  setup(context) {
    context.onResolve({ filter: /^(debug|minimatch|tinyglobby)$/ }, ({ path, importer }) =>
      importer.includes('@oclif') ? { path, namespace: 'unused' } : undefined,
    );
    context.onLoad({ filter: /^debug$/, namespace: 'unused' }, () =>
      stub('module.exports = () => () => undefined;'),
    );
    // oclif measures itself only on request, and then with the global `performance`.
    context.onResolve({ filter: /^node:perf_hooks$/ }, ({ path, importer }) =>
      importer.includes('@oclif') ? { path, namespace: 'unused' } : undefined,
    );
    context.onLoad({ filter: /^node:perf_hooks$/, namespace: 'unused' }, () =>
      stub('module.exports = globalThis;'),
    );
    context.onLoad({ filter: /.*/, namespace: 'unused' }, () => stub('module.exports = {};'));
    context.onLoad({ filter: /cli-spinners[/\\]spinners\.json$/ }, ({ path }) => {
      const { dots, dots2, line } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ dots, dots2, line }), loader: 'json' };
    });
  },
};

/**
 * What quick commands do not need: help, and the NATS client, which the base command can load.
 * @type {import('esbuild').Plugin}
 */
const withoutHelpAndClient = {
  name: 'without-help-and-client',
  setup(context) {
    context.onResolve({ filter: /^ejs$/ }, ({ path, importer }) =>
      importer.includes('@oclif') ? { path, namespace: 'unused' } : undefined,
    );
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
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // oclif uses these only in development.
  external: ['typescript', 'ts-node', 'tsx'],
  plugins: [withoutUnused],
  // CommonJS modules need require, __dirname and __filename inside an ES module.
  banner: {
    js: "import{createRequire as __natsxRequire}from'node:module';import{fileURLToPath as __natsxPath}from'node:url';import{dirname as __natsxDir}from'node:path';const require=__natsxRequire(import.meta.url),__filename=__natsxPath(import.meta.url),__dirname=__natsxDir(__filename);",
  },
});

const quick = await build({
  write: false,
  stdin: { contents: quickEntry(), resolveDir: root, loader: 'ts' },
  outfile: join(target, 'quick.cjs'),
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.12',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  external: ['typescript', 'ts-node', 'tsx'],
  plugins: [withoutHelpAndClient, withoutUnused],
});

const licencesFile = join(target, 'THIRD-PARTY-LICENSES.txt');
// Chunks before the files that import them.
for (const { path, contents } of [...outputFiles, ...quick.outputFiles].sort(
  (a, b) => Number(isChunk(b.path)) - Number(isChunk(a.path)),
)) {
  replaceFile(path, contents);
}
replaceFile(licencesFile, licences(Object.keys(metafile.inputs)));
removeStale(
  new Set([licencesFile, ...[...outputFiles, ...quick.outputFiles].map(({ path }) => path)]),
);
await writeManifest();

/** The commands that bin/run.js starts from a single CommonJS file, which Node.js loads at once. */
function quickEntry() {
  const members = [...quickCommands].map(
    ([typed, file]) =>
      `[${JSON.stringify(typed)}, { id: ${JSON.stringify(file)}, load: () => import('./src/commands/${file}.ts') }]`,
  );
  return `export { main } from './src/terminal/main.ts';\nexport const commands = new Map([${members.join(', ')}]);`;
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

async function writeManifest() {
  const { Plugin } = await import('@oclif/core/config');
  const plugin = new Plugin({
    root,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    isRoot: true,
  });
  await plugin.load();
  replaceFile(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest)}\n`);
}
