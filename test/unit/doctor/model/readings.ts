import type { AuditReading } from '../../../../src/doctor/model/reading.js';
import { audit, type AuditTerms } from '../../../../src/doctor/model/audit.js';
import type { ConnectionAudit, ServerSettings } from '../../../../src/doctor/model/facts.js';
import type { AuditReport } from '../../../../src/doctor/model/report.js';
import { windowOf, type History } from '../../backlog/model/histories.js';

/** A deployment with nothing to find; a test changes what it is about. */
export interface Case {
  readonly history?: History;
  readonly connection?: Partial<ConnectionAudit>;
  readonly settings?: readonly Partial<ServerSettings>[];
  readonly reading?: Partial<AuditReading>;
  readonly terms?: Partial<AuditTerms>;
}

const ORDERLY: History = {
  readings: [
    { D: 10, F: 10 },
    { D: 10, F: 10 },
  ],
};

const CONNECTION: ConnectionAudit = {
  server: 'n1',
  version: '2.15.2',
  address: '10.0.0.1:4222',
  cluster: 'prod',
  authRequired: true,
  certificateRequired: false,
  encrypted: true,
  identified: true,
  guessable: undefined,
  maxPayloadBytes: 1_048_576,
  rttMs: 0.4,
  user: {
    name: 'app',
    account: 'ORDERS',
    publish: { allow: ['orders.>'], deny: [] },
    subscribe: { allow: ['_INBOX.>'], deny: [] },
    expiresInMs: undefined,
  },
};

const SETTINGS: ServerSettings = {
  name: 'n1',
  version: '2.15.2',
  cluster: 'prod',
  jetstream: true,
  syncIntervalMs: 1000,
  syncAlways: false,
  routes: 8,
  routesTls: true,
  clusterSize: 3,
  connections: 10,
  maxConnections: 65_536,
  storageBytes: 0,
  maxStorageBytes: 1e12,
  memoryBytes: 0,
  maxMemoryBytes: 1e9,
};

export function readingOf(change: Case = {}): AuditReading {
  const history = change.history ?? ORDERLY;
  const scan = windowOf({
    ...history,
    config: { maxDeliver: 10, ...history.config },
    stream: { replicas: 3, storage: 'file', duplicateWindowMs: 120_000, ...history.stream },
  });
  return {
    scan,
    connection: { ...CONNECTION, ...change.connection },
    jetStream: {
      state: 'on',
      account: {
        streams: 1,
        maxStreams: -1,
        consumers: 1,
        maxConsumers: -1,
        storeBytes: 0,
        maxStoreBytes: -1,
        memoryBytes: 0,
        maxMemoryBytes: -1,
      },
    },
    servers: ['n1', 'n2', 'n3'].map((name) => ({
      name,
      version: '2.15.2',
      cluster: 'prod',
      jetstream: true,
    })),
    settings: (change.settings ?? [{}, { name: 'n2' }, { name: 'n3' }]).map((one) => ({
      ...SETTINGS,
      ...one,
    })),
    subjects: new Map(),
    sizes: new Map(),
    wholeAccount: true,
    inboxPrefix: '_INBOX',
    missing: [],
    ...change.reading,
  };
}

export function auditOf(change: Case = {}): AuditReport {
  return audit(readingOf(change), {
    choices: { ordered: new Set(), retriesTakeMs: 30_000 },
    ignored: new Set(),
    ...change.terms,
  });
}
