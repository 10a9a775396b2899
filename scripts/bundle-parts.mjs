/** What the builds of the npm package and of the executables share: esbuild plugins, and the table of commands. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} folder @returns {string[]} paths of all files in it and below */
export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

/** @param {string} contents of a CommonJS module @returns {import('esbuild').OnLoadResult} */
const stub = (contents) => ({ contents, loader: 'js' });

/**
 * Modules of oclif that natsx never runs: it finds commands in its manifest, without patterns, and has no plugins to
 * search for; it prints no debug messages of oclif; and it shows one spinner. natsx decides itself where it prints
 * colours, so chalk need not look at the terminal.
 * @type {import('esbuild').Plugin}
 */
export const withoutUnused = {
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
    context.onResolve({ filter: /^#supports-color$/ }, ({ path, importer }) =>
      /[/\\]node_modules[/\\]chalk[/\\]/.test(importer) ? { path, namespace: 'unused' } : undefined,
    );
    context.onLoad({ filter: /^#supports-color$/, namespace: 'unused' }, () =>
      stub('export default { stdout: false, stderr: false };'),
    );
    context.onLoad({ filter: /.*/, namespace: 'unused' }, () => stub('module.exports = {};'));
    // Most texts are ASCII, which needs no segmenter, and creating one takes milliseconds.
    context.onLoad({ filter: /string-width[/\\]index\.js$/ }, ({ path }) => {
      const eager = 'const segmenter = new Intl.Segmenter();';
      const lazy =
        'let made; const segmenter = { segment: (text) => (made ??= new Intl.Segmenter()).segment(text) };';
      const contents = readFileSync(path, 'utf8');
      // Other packages bring older versions, which have none.
      if (!contents.includes('Intl.Segmenter')) return undefined;
      if (!contents.includes(eager)) throw new Error('string-width creates no segmenter any more');
      return { contents: contents.replace(eager, lazy), loader: 'js' };
    });
    context.onLoad({ filter: /cli-spinners[/\\]spinners\.json$/ }, ({ path }) => {
      const { dots, dots2, line } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ dots, dots2, line }), loader: 'json' };
    });
  },
};

/**
 * oclif's modules load each other when they are needed, not before: `const a_1 = require("./a")` becomes a function, and
 * each `a_1.` becomes `(a_1()).`. A command that succeeds needs neither help nor plugins nor the printing of errors.
 * @type {import('esbuild').Plugin}
 */
export const lazyOclif = {
  name: 'lazy-oclif',
  setup(context) {
    context.onLoad({ filter: /@oclif[/\\]core[/\\]lib[/\\].*\.js$/ }, ({ path }) => ({
      contents: withLazyRequires(readFileSync(path, 'utf8')),
      loader: 'js',
    }));
  },
};

/** @param {string} code of a CommonJS module as TypeScript compiles it @returns {string} */
export function withLazyRequires(code) {
  /** @type {string[]} */
  const names = [];
  const declared = code.replace(
    /^const (\w+_\d+) = ((?:__import(?:Default|Star)\()?require\("[^"]+"\)\)?);$/gm,
    (_, name, value) => {
      names.push(name);
      return `let ${name}_loaded; const ${name} = () => (${name}_loaded ??= ${value});`;
    },
  );
  return names.reduce(
    (text, name) => text.replaceAll(new RegExp(`(?<![.\\w$])${name}\\.`, 'g'), `(${name}()).`),
    declared,
  );
}

/**
 * @typedef {object} ManifestCommand the part of oclif's manifest that the table of commands needs
 * @property {string} id
 * @property {string[]} aliases
 * @property {string[]} hiddenAliases
 * @property {Record<string, unknown>} args
 * @property {boolean} [strict]
 * @property {string[]} relativePath
 */

/**
 * Code of a map from what users type (with colons) to the command: its id, whether it takes arguments, and how it is
 * loaded.
 *
 * @param {readonly ManifestCommand[]} commands
 * @param {(id: string) => string} moduleOf the module of a command, as an import specifier
 */
export function commandTable(commands, moduleOf) {
  const members = commands.flatMap(({ id, aliases, hiddenAliases, args, strict }) =>
    [id, ...aliases, ...hiddenAliases].map((typed) => {
      const takesArguments = strict === false || Object.keys(args).length > 0;
      return `[${JSON.stringify(typed)}, { id: ${JSON.stringify(id)}, takesArguments: ${takesArguments}, load: () => import(${JSON.stringify(moduleOf(id))}) }]`;
    }),
  );
  return `new Map([${members.join(', ')}])`;
}
