/** The rooms and doors of docs/architecture.md, executable. */
const npm = (...names) => `^node_modules/(${names.join('|')})/`;
const only = (...names) => `^(node:)?(${names.join('|')})$`;
const client = npm('@nats-io/[^/]+');
const oclif = npm('@oclif/[^/]+');

/**
 * Rooms below the features, from the ground up, with what each may import besides itself and the rooms below it; one
 * that is `aside` is not below the others.
 */
const foundation = [
  { room: 'core', allowed: [] },
  { room: 'page', allowed: [npm('(@types/)?d3-(array|shape|time)'), only('crypto')], aside: true },
  { room: 'connection', allowed: [client], builtins: true },
  {
    room: 'wire',
    allowed: [
      npm('@nats-io/nkeys'),
      only('net', 'tls', 'crypto', 'events', 'buffer', 'dns', 'dns/promises', 'timers/promises'),
    ],
  },
  { room: 'serve', allowed: ['^src/page/', only('http', 'crypto', 'net', 'os')] },
  {
    room: 'terminal',
    allowed: ['^src/page/', oclif, npm('chalk', 'cli-table3', 'ora', 'string-width')],
    builtins: true,
  },
];

/** Features, each with the features that it may stand on. */
const features = {
  messaging: [],
  streams: ['messaging'],
  faults: [],
  recording: ['messaging', 'streams'],
  backlog: ['messaging', 'streams'],
  bench: ['messaging', 'streams', 'faults'],
  verify: ['messaging', 'streams', 'faults', 'recording', 'backlog', 'bench'],
  doctor: ['messaging', 'streams', 'recording', 'backlog', 'bench'],
  history: ['messaging', 'streams', 'recording', 'backlog', 'bench'],
  demo: [],
  bundle: ['messaging', 'streams', 'backlog', 'doctor', 'history'],
};

/** What a use case may take from Node.js: never `process` or anything of the terminal. */
const runBuiltins = only(
  'child_process',
  'crypto',
  'events',
  'fs',
  'fs/promises',
  'http',
  'os',
  'path',
  'perf_hooks',
  'stream',
  'stream/promises',
  'timers/promises',
  'worker_threads',
  'zlib',
);

/** The doors of a feature: which doors of it and of the features below, which rooms, and what else each may import. */
const doors = {
  model: { opens: ['model'], rooms: ['core', 'connection/model'], allowed: [] },
  view: {
    opens: ['model', 'view'],
    rooms: ['core', 'connection/model', 'terminal/text', 'page'],
    allowed: [npm('chalk', 'string-width')],
  },
  run: {
    opens: ['model', 'run'],
    rooms: ['core', 'connection', 'wire'],
    allowed: [runBuiltins, npm('prom-client')],
    typesFrom: [client],
  },
  flags: {
    opens: ['model', 'flags'],
    rooms: ['core', 'connection/model', 'terminal'],
    allowed: [oclif, only('crypto')],
  },
  console: {
    opens: ['model', 'view', 'run', 'flags', 'console'],
    rooms: ['core', 'connection', 'terminal', 'page', 'serve'],
    allowed: [oclif, npm('chalk', 'yaml')],
    builtins: true,
  },
};

/** Whatever `from` imports outside of `allowed` is an error under the name of the place. */
function confine(name, { from, allowed, typesFrom = [], builtins = false }) {
  const pathNot = [...allowed, '^test/'];
  const core = builtins ? { dependencyTypesNot: ['core'] } : {};
  return [
    {
      name,
      severity: 'error',
      from: { path: from },
      to: { pathNot: [...pathNot, ...typesFrom], couldNotResolve: false, ...core },
    },
    ...(typesFrom.length === 0
      ? []
      : [
          {
            name: `${name}-types-only`,
            comment: 'only types may come from here',
            severity: 'error',
            from: { path: from },
            to: { path: typesFrom, dependencyTypesNot: ['type-only'] },
          },
        ]),
  ];
}

const foundationRules = foundation.flatMap(({ room, allowed, builtins }, floor) => {
  const below = foundation
    .slice(0, floor)
    .filter(({ aside = false }) => !aside)
    .map((lower) => lower.room);
  return confine(room, {
    from: `^src/${room}/`,
    allowed: [`^src/(${[...below, room].join('|')})/`, ...allowed],
    builtins,
  });
});

const featureRules = Object.entries(features).flatMap(([feature, below]) =>
  Object.entries(doors).flatMap(([door, { opens, rooms, ...rest }]) =>
    confine(`${feature}-${door}`, {
      ...rest,
      from: `^src/${feature}/${door}(/|\\.ts$)`,
      allowed: [
        `^src/(${[feature, ...below].join('|')})/(${opens.join('|')})(/|\\.ts$)`,
        `^src/(${rooms.join('|')})/`,
        ...rest.allowed,
        // CPU time, memory and versions are part of what a benchmark reports.
        ...(feature === 'bench' && door === 'run' ? [only('process')] : []),
        // The proxies of faults are sockets, and an operator's command has the environment of natsx.
        ...(feature === 'faults' && door === 'run' ? [only('net', 'process')] : []),
        ...(feature === 'bundle' && door === 'run' ? [npm('yauzl', 'yazl')] : []),
      ],
    }),
  ),
);

const rooms = [...foundation.map(({ room }) => room), ...Object.keys(features), 'commands'];

module.exports = {
  forbidden: [
    ...foundationRules,
    {
      name: 'text-is-pure',
      comment: 'pieces of text know neither the process nor its streams',
      severity: 'error',
      from: { path: '^src/terminal/text/' },
      to: {
        pathNot: [
          '^src/core/',
          '^src/connection/model/',
          '^src/terminal/text/',
          npm('chalk', 'cli-table3', 'string-width'),
          only('util'),
        ],
        couldNotResolve: false,
      },
    },
    {
      name: 'connection-model',
      comment: 'pure: no I/O, no clock, no npm values',
      severity: 'error',
      from: { path: '^src/connection/model/' },
      to: { pathNot: ['^src/core/', '^src/connection/model/'], couldNotResolve: false },
    },
    ...featureRules,
    ...confine('commands', {
      from: '^src/commands/',
      allowed: [
        `^src/(${['core', 'connection/model', 'terminal', ...Object.keys(features)].join('|')})/`,
        '^src/commands/',
        oclif,
      ],
    }),
    {
      name: 'commands-apart',
      comment: 'what two commands share belongs to a feature or to the terminal',
      severity: 'error',
      from: { path: '^src/commands/' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'no-strays',
      comment: 'every file belongs to a room, and in a feature to a door',
      severity: 'error',
      from: {
        path: [
          `^src/(?!(${rooms.join('|')})/)`,
          `^src/(${Object.keys(features).join('|')})/(?!(${Object.keys(doors).join('|')})(/|\\.ts$))`,
        ],
      },
      to: {},
    },
    {
      name: 'resolvable',
      comment: 'a name that leads nowhere would slip past the other rules',
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
