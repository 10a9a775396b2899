/** The executable: one JavaScript file with all of natsx, compiled together with a runtime. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { build } from 'esbuild';

import { commandTable, filesBelow, lazyOclif, withoutUnused } from '../bundle-parts.mjs';
import { runProgram } from '../find-program.mjs';
import { root } from '../ready.mjs';
import { findBun } from './bun.mjs';

/** Commands that run for longer than this are compiled as usual. */
const STEADY_AFTER_MS = 100;

/** How much more often than usual code must run before it is compiled in that time; measured with `pub`. */
const JIT_RELUCTANCE = 8;

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
 * Writes the one JavaScript file. It needs a built natsx, for the manifest.
 *
 * @param {string} file
 */
export async function bundleProgram(file) {
  const { outputFiles } = await build({
    write: false,
    stdin: { contents: entry(), resolveDir: root, loader: 'ts' },
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
    define: { 'import.meta.url': '""' },
    plugins: [withoutFiles, withoutUnused, lazyOclif],
  });
  mkdirSync(dirname(file), { recursive: true });
  for (const { contents } of outputFiles) writeFileSync(file, contents);
}

function entry() {
  const read = (/** @type {string} */ name) => JSON.parse(readFileSync(join(root, name), 'utf8'));
  const { name, version, description, oclif } = read('package.json');
  /** @type {import('../bundle-parts.mjs').ManifestCommand[]} */
  const commands = Object.values(read('oclif.manifest.json').commands);
  const fileOf = new Map(commands.map(({ id, relativePath }) => [id, relativePath.join('/')]));
  const table = commandTable(commands, (id) =>
    (fileOf.get(id) ?? id).replace(/^dist/, './src').replace(/\.js$/, '.ts'),
  );
  const workers = filesBelow(join(root, 'src')).flatMap((path) => {
    const room = /([^/\\]+)[/\\]run[/\\]worker\.ts$/.exec(path)?.[1];
    return room === undefined ? [] : [`${room}: () => import('./src/${room}/run/worker.ts')`];
  });
  const pjson = JSON.stringify({ name, version, description, type: 'module', oclif });
  return `
import { main } from './src/terminal/main.ts';
const argv = process.argv.slice(2);
if (!Bun.isMainThread) {
  Bun.unsafe.setJITPolicy(1);
  void { ${workers.join(', ')} }[argv[0]]();
} else if (argv.length === 1 && /^(--version|-V|-v)$/.test(argv[0])) {
  // The reader may have gone.
  process.stdout.on('error', () => undefined);
  process.stdout.write('${name}/${version} ' + process.platform + '-' + process.arch + ' bun-v' + Bun.version + '\\n');
} else {
  // The executable starts with a compiler that waits longer: most code of a short command runs once.
  setTimeout(() => Bun.unsafe.setJITPolicy(1), ${STEADY_AFTER_MS}).unref();
  void main(argv, {
    root: process.execPath,
    commands: ${table},
    embedded: {
      pjson: ${pjson},
      manifest: async () => JSON.parse((await import('natsx:manifest')).default),
    },
  });
}
`;
}

/**
 * @param {object} options
 * @param {string} options.bundle from {@link bundleProgram}
 * @param {import('./targets.mjs').Target} options.target
 * @param {string} options.file of the executable
 */
export async function compileExecutable({ bundle, target, file }) {
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
      bundle,
    ],
    { env: process.env, cwd: dirname(bundle), timeout: 300_000 },
  );
}
