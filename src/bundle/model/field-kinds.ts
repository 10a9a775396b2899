/** What a text is about, which decides what a bundle replaces in it; `keep` has no names, `own` are natsx's words. */
export type FieldKind =
  | 'own'
  | 'keep'
  | 'text'
  | 'stream'
  | 'consumer'
  | 'subject'
  | 'client'
  | 'server'
  | 'cluster'
  | 'account'
  | 'domain'
  | 'user'
  | 'group'
  | 'address'
  | 'label'
  | 'metadata'
  | 'settings';

/** The kinds of the texts in a tree. Lists, and the values of a set, have the kind of the key that they are at. */
export type Fields =
  | FieldKind
  | { readonly [key: string]: Fields }
  | { readonly '*key': FieldKind; readonly '*value': Fields };

const keep = 'keep';

const clusterState = { leader: 'server', replicas: { name: 'server' } } as const;

export const STREAM_SAMPLE = {
  name: 'stream',
  config: {
    retention: keep,
    discard: keep,
    storage: keep,
    subjects: 'subject',
    metadata: 'metadata',
    others: 'settings',
  },
  cluster: clusterState,
  upstreams: { kind: keep, name: 'stream', external: 'subject' },
} as const satisfies Fields;

export const CONSUMER_SAMPLE = {
  stream: 'stream',
  name: 'consumer',
  config: {
    ackPolicy: keep,
    deliverPolicy: keep,
    priorityPolicy: keep,
    filters: 'subject',
    deliverSubject: 'subject',
    deliverGroup: 'group',
    metadata: 'metadata',
    others: 'settings',
  },
  cluster: clusterState,
  priorityGroups: { group: 'group', pinnedClientId: keep },
} as const satisfies Fields;

const connection = {
  server: 'server',
  name: 'client',
  address: 'address',
  language: keep,
  reason: keep,
  subscriptions: 'subject',
} as const;

const problem = { account: 'account', stream: 'stream', consumer: 'consumer' } as const;

const serverSample = { server: 'server', stores: { kind: keep }, problems: problem } as const;

/** Connections and servers, in whichever list. */
const CORE_SERIES = {
  open: connection,
  closed: connection,
  statistics: { server: 'server' },
  servers: serverSample,
} as const satisfies Fields;

/** An entry of one of those lists. */
export const CORE_SAMPLE = { ...connection, ...serverSample } as const satisfies Fields;

const MISSING = {
  kind: keep,
  why: keep,
  stream: 'stream',
  consumer: 'consumer',
  rules: keep,
} as const satisfies Fields;

const waiting = { subject: 'subject' } as const;

const schedules = {
  bySubject: { '*key': 'subject', '*value': keep },
  due: { subject: 'subject', target: 'subject' },
  targets: 'subject',
  unseen: 'subject',
} as const;

const LOOKUPS = {
  oldestAtStart: waiting,
  oldest: waiting,
  next: waiting,
  unmatchedFilter: { nearest: 'subject' },
  subjects: waiting,
  schedules,
  pullInboxes: 'subject',
} as const satisfies Fields;

/** What a stream has beside its samples and consumers. */
export const STREAM_BESIDE = {
  name: 'stream',
  subjects: waiting,
  schedules,
  unavailable: MISSING,
} as const satisfies Fields;

export const CONSUMER_BESIDE = {
  stream: 'stream',
  name: 'consumer',
  lookups: LOOKUPS,
  unavailable: MISSING,
} as const satisfies Fields;

export const ACCOUNT_SAMPLE = {
  usages: { tier: keep, kind: keep },
  domain: 'domain',
} as const satisfies Fields;

/** What a window has beside its account, streams and connections. */
export const WINDOW_HEAD = {
  server: { name: 'server', version: keep, cluster: 'cluster', domain: 'domain' },
  missing: MISSING,
} as const satisfies Fields;

export const SCAN_WINDOW = {
  ...WINDOW_HEAD,
  account: ACCOUNT_SAMPLE,
  streams: {
    ...STREAM_BESIDE,
    samples: STREAM_SAMPLE,
    consumers: { ...CONSUMER_BESIDE, samples: CONSUMER_SAMPLE },
  },
  core: CORE_SERIES,
} as const satisfies Fields;

const seenServer = { name: 'server', version: keep, cluster: 'cluster' } as const;
const rights = { allow: 'subject', deny: 'subject' } as const;

/** What an audit has read beside the window. */
export const AUDIT_BESIDE = {
  connection: {
    server: 'server',
    version: keep,
    address: 'address',
    cluster: 'cluster',
    guessable: 'own',
    user: { name: 'user', account: 'account', publish: rights, subscribe: rights },
  },
  jetStream: { state: keep },
  servers: seenServer,
  settings: { ...seenServer, problems: problem },
  subjects: { '*key': 'stream', '*value': waiting },
  sizes: { '*key': 'stream', '*value': { largest: waiting } },
  inboxPrefix: 'subject',
  missing: MISSING,
} as const satisfies Fields;

export const HISTORY_EVENT = {
  kind: keep,
  stream: 'stream',
  consumer: 'consumer',
  leader: 'server',
} as const satisfies Fields;
