/** The layer table of docs/architecture.md, executable. */
const npm = (names) => `^node_modules/(${names.join('|')})/`;

/** Reported by a rule of its own. */
const otherRules = ['^test/'];

/** A folder of src may import only what is listed; everything else is an error naming the folder. */
const layer = (from, allowed, { typesFrom = [], builtins = false, comment } = {}) => [
  {
    name: `${from}-layer`,
    comment,
    severity: 'error',
    from: { path: `^src/${from}/` },
    to: {
      pathNot: [`^src/${from}/`, ...allowed, ...typesFrom, ...otherRules],
      couldNotResolve: false,
      dependencyTypesNot: ['type-only', ...(builtins ? ['core'] : [])],
    },
  },
  {
    name: `${from}-layer-types`,
    comment,
    severity: 'error',
    from: { path: `^src/${from}/` },
    to: {
      pathNot: [`^src/${from}/`, ...allowed, ...typesFrom, ...otherRules],
      couldNotResolve: false,
      dependencyTypes: ['type-only'],
      ...(builtins && { dependencyTypesNot: ['core'] }),
    },
  },
  ...(typesFrom.length === 0
    ? []
    : [
        {
          name: `${from}-types-only`,
          comment: 'only types may come from here',
          severity: 'error',
          from: { path: `^src/${from}/` },
          to: { path: typesFrom, dependencyTypesNot: ['type-only'] },
        },
      ]),
];

const src = (...folders) => `^src/(${folders.join('|')})/`;
const only = (...names) => `^(node:)?(${names.join('|')})$`;

module.exports = {
  forbidden: [
    ...layer('domain', [], { comment: 'pure: no I/O, no clock, no npm values' }),
    ...layer('render', [src('domain'), npm(['chalk', 'cli-table3', 'string-width']), only('util')]),
    ...layer('wire', [
      src('domain'),
      npm(['@nats-io/nkeys']),
      only(
        'net',
        'tls',
        'crypto',
        'events',
        'buffer',
        'dns',
        'dns/promises',
        'timers/promises',
        'zlib',
      ),
    ]),
    ...layer('nats', [src('domain'), npm(['@nats-io/[^/]+'])], { builtins: true }),
    ...layer(
      'app',
      [
        src('domain', 'nats', 'wire'),
        only(
          'timers/promises',
          'crypto',
          'zlib',
          'stream',
          'stream/promises',
          'events',
          'child_process',
          'fs',
          'fs/promises',
          'path',
          'os',
          'http',
        ),
        npm(['prom-client']),
      ],
      {
        typesFrom: [npm(['@nats-io/[^/]+'])],
      },
    ),
    ...layer(
      'bench',
      [
        src('domain', 'nats', 'wire'),
        only(
          'perf_hooks',
          'worker_threads',
          'timers/promises',
          'os',
          'crypto',
          'process',
          'fs',
          'events',
        ),
      ],
      {
        typesFrom: [npm(['@nats-io/[^/]+'])],
      },
    ),
    ...layer('cli', [src('domain', 'nats', 'render'), npm(['@oclif/[^/]+', 'ora', 'chalk'])], {
      builtins: true,
    }),
    ...layer('commands', [src('cli', 'app', 'bench', 'render', 'domain'), npm(['@oclif/[^/]+'])]),
    {
      name: 'commands-apart',
      comment: 'what two commands share is a use case or a piece of the process edge',
      severity: 'error',
      from: { path: '^src/commands/' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'no-strays',
      comment: 'every file belongs to a layer',
      severity: 'error',
      from: { path: '^src/(?!(domain|render|wire|nats|app|bench|cli|commands)/)' },
      to: {},
    },
    {
      name: 'resolvable',
      comment: 'a name that leads nowhere would slip past the layer rules',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['^src/commands/', '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'no-drawers',
      comment: 'name a file after what it holds',
      severity: 'error',
      from: {},
      to: { path: '^src/.*(utils?|helpers?|misc|common)(/|\\.ts$)' },
    },
    {
      name: 'no-barrels',
      comment: 'a barrel makes one command pay for every import',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/(?!commands/).*/index\\.ts$' },
    },
    {
      name: 'src-without-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
