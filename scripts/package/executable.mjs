/** The executable: natsx as JavaScript, compiled together with a runtime. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { build } from 'esbuild';

import { quickCommands } from '../../bin/quick-commands.js';
import { commandTable, filesBelow, lazyOclif, withoutUnused } from '../bundle-parts.mjs';
import { runProgram } from '../find-program.mjs';
import { root } from '../ready.mjs';
import { findBun } from './bun.mjs';

/** Commands that run for longer than this are compiled as usual. */
const STEADY_AFTER_MS = 100;

/** How much more often than usual code must run before it is compiled in that time; measured with `pub`. */
const JIT_RELUCTANCE = 50;

/**
 * Modules that read files of the package or search for them; an executable has none.
 * @type {import('esbuild').Plugin}
 */
const withoutFiles = {
  name: 'without-files',
  setup(context) {
    const replaced = new Map([
      ['module-loader', "exports.load = () => import('./src/terminal/help.ts');"],
      ['ts-path', 'exports.tsPath = async (root, path) => path;'],
      [
        'worker-script',
        'export const workerScript = (room) => ({ file: Bun.main, argv: [room] });',
      ],
    ]);
    const filter = /[/\\](module-loader|ts-path|worker-script)(\.js)?$/;
    context.onResolve({ filter }, ({ path }) => ({
      path: filter.exec(path)?.[1] ?? path,
      namespace: 'embedded',
    }));
    context.onLoad({ filter: /.*/, namespace: 'embedded' }, ({ path }) => ({
      contents: replaced.get(path) ?? '',
      resolveDir: root,
      loader: 'ts',
    }));
    context.onResolve({ filter: /^natsx:manifest$/ }, ({ path }) => ({ path, namespace: 'json' }));
    context.onLoad({ filter: /.*/, namespace: 'json' }, () => ({
      contents: readFileSync(join(root, 'oclif.manifest.json'), 'utf8'),
      loader: 'text',
    }));
  },
};

/**
 * Quick commands do not need help, the manifest, and the NATS client, which the base command can load.
 * @type {import('esbuild').Plugin}
 */
const withoutUnneeded = {
  name: 'without-unneeded',
  setup(context) {
    context.onResolve(
      { filter: /(connection\/connect\.js|\/terminal\/help\.ts|^natsx:manifest)$/ },
      ({ path }) => ({ path, namespace: 'unused' }),
    );
  },
};

/** The file with all commands, the one with quick commands, and the one that chooses between them. */
const parts = /** @type {const} */ (['natsx', 'quick', 'all']);

/**
 * Writes the JavaScript files of the executable. It needs a built natsx, for the manifest.
 *
 * @param {string} folder
 * @returns {Promise<readonly string[]>} their paths, the entry first
 */
export async function bundleProgram(folder) {
  const facts = programFacts();
  await bundle(folder, 'natsx', entryCode(facts));
  await bundle(
    folder,
    'quick',
    partCode(facts, (id) => quickIds.has(id)),
    [withoutUnneeded],
  );
  await bundle(folder, 'all', `${partCode(facts, () => true)}${workersCode()}`);
  return parts.map((name) => join(folder, `${name}.js`));
}

const quickIds = new Set(quickCommands.values());

/**
 * @param {string} folder
 * @param {(typeof parts)[number]} name
 * @param {string} contents
 * @param {readonly import('esbuild').Plugin[]} [plugins]
 */
async function bundle(folder, name, contents, plugins = []) {
  const file = join(folder, `${name}.js`);
  const { outputFiles } = await build({
    write: false,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile: file,
    absWorkingDir: root,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.12',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    external: ['typescript', 'ts-node', 'tsx'],
    // Bun would write the folder of the build in their place.
    define: { 'import.meta.url': '""', __dirname: '"/"', __filename: '"/"' },
    plugins: [...plugins, withoutFiles, withoutUnused, lazyOclif],
  });
  mkdirSync(folder, { recursive: true });
  for (const output of outputFiles) writeFileSync(file, output.contents);
}

/** What package.json and the manifest say. */
function programFacts() {
  const read = (/** @type {string} */ name) => JSON.parse(readFileSync(join(root, name), 'utf8'));
  const { name, version, description, oclif } = read('package.json');
  /** @type {import('../bundle-parts.mjs').ManifestCommand[]} */
  const commands = Object.values(read('oclif.manifest.json').commands);
  return { pjson: { name, version, description, type: 'module', oclif }, commands };
}

/** @typedef {ReturnType<typeof programFacts>} ProgramFacts */

/** Starts the part that a command line needs: reading a large one takes milliseconds. @param {ProgramFacts} facts */
function entryCode({ pjson }) {
  const name = `${pjson.name}/${pjson.version}`;
  return `
const argv = process.argv.slice(2);
const part = (name) => require(Bun.main.replace(/[^/\\\\]*$/, name));
if (!Bun.isMainThread) {
  Bun.unsafe.setJITPolicy(1);
  void part('all.js').workers[argv[0]]();
} else if (argv.length === 1 && /^(--version|-V|-v)$/.test(argv[0])) {
  // The reader may have gone.
  process.stdout.on('error', () => undefined);
  process.stdout.write('${name} ' + process.platform + '-' + process.arch + ' bun-v' + Bun.version + '\\n');
} else {
  // The executable starts with a compiler that waits longer: most code of a short command runs once.
  setTimeout(() => Bun.unsafe.setJITPolicy(1), ${STEADY_AFTER_MS}).unref();
  const wantsHelp = argv.some((word) => word === '--help' || word === '-h') || argv.join(' ') === 'pub help';
  const isQuick = ${JSON.stringify([...quickCommands.keys()])}.includes(argv[0]) && !wantsHelp;
  void part(isQuick ? 'quick.js' : 'all.js').start(argv);
}
`;
}

/** @param {ProgramFacts} facts @param {(id: string) => boolean} includes which commands */
function partCode({ pjson, commands }, includes) {
  const fileOf = new Map(commands.map(({ id, relativePath }) => [id, relativePath.join('/')]));
  const table = commandTable(
    commands.filter(({ id }) => includes(id)),
    (id) => (fileOf.get(id) ?? id).replace(/^dist/, './src').replace(/\.js$/, '.ts'),
  );
  return `
import { main } from './src/terminal/main.ts';
export const start = (argv) => main(argv, {
  root: process.execPath,
  commands: ${table},
  embedded: {
    pjson: ${JSON.stringify(pjson)},
    manifest: async () => JSON.parse((await import('natsx:manifest')).default),
  },
});
`;
}

/** The start of each room's worker threads. */
function workersCode() {
  const workers = filesBelow(join(root, 'src')).flatMap((path) => {
    const room = /([^/\\]+)[/\\]run[/\\]worker\.ts$/.exec(path)?.[1];
    return room === undefined ? [] : [`${room}: () => import('./src/${room}/run/worker.ts')`];
  });
  return `export const workers = { ${workers.join(', ')} };\n`;
}

/**
 * @param {object} options
 * @param {readonly string[]} options.files from {@link bundleProgram}
 * @param {import('./targets.mjs').Target} options.target
 * @param {string} options.file of the executable
 */
export async function compileExecutable({ files, target, file }) {
  const bun = await findBun();
  const base = await findBun(target.bunPackage);
  mkdirSync(dirname(file), { recursive: true });
  await runProgram(
    bun,
    [
      'build',
      '--compile',
      '--bytecode',
      '--format=cjs',
      `--compile-jit-policy=${JIT_RELUCTANCE}`,
      '--minify-syntax',
      '--minify-whitespace',
      // The user's files of these names are not natsx's.
      '--no-compile-autoload-dotenv',
      '--no-compile-autoload-bunfig',
      `--compile-executable-path=${base}`,
      `--target=${target.bunTarget}`,
      `--outfile=${file}`,
      ...files,
    ],
    { env: process.env, cwd: dirname(files[0] ?? ''), timeout: 300_000 },
  );
}
