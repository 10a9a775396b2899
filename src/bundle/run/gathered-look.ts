import type { ScanWindow } from '../../backlog/model/series.js';
import type { Varz } from '../../backlog/run/reader/server-source.js';
import type { SeenServer } from '../../doctor/model/facts.js';
import type { MissingPart } from '../../doctor/model/report.js';
import { serverSettings } from '../../doctor/run/doctor-servers.js';
import type { AccountSample, Missing } from '../../streams/model/snapshot.js';
import { timeOf } from '../../streams/run/api/samples.js';
import type { AuditBeside, Look } from '../model/look.js';
import { accountOf, chosenAccount, readAccounts } from './gathered-accounts.js';
import {
  GatheredArchive,
  METADATA_FILE,
  type GatherMetadata,
  type ServerReply,
} from './gathered-archive.js';
import { readCore, readHealth } from './gathered-core.js';
import { gatheredStreams } from './gathered-streams.js';
import type { ZipReader } from './zip-reader.js';

/**
 * The look that an archive of `nats audit gather` allows: one reading, without messages.
 *
 * @param wanted of an archive with the streams of several accounts
 * @throws {NatsxError} usage — damaged, or the account must be chosen; not-found — no such account
 */
export async function gatheredLook(
  zip: ZipReader,
  path: string,
  wanted: string | undefined,
): Promise<Look> {
  const archive = await GatheredArchive.open(zip, path);
  const metadata = (await archive.read<GatherMetadata>({ path: METADATA_FILE })) ?? {};
  const accounts = await readAccounts(archive, timeOf(metadata.capture_timestamp) ?? 0);
  const account = chosenAccount(accounts, wanted, archive);
  const replies = await archive.answers<ListenerVarz>('variables');
  const varz = replies.flatMap(({ answer }) => answer.data ?? []);
  const own = accounts.get(account) ?? { views: [], details: [] };
  const { streams, missing } = gatheredStreams(own.views);
  const core = await readCore(archive, account, varz);
  const asked =
    varz.find(({ server_name: name }) => name === metadata.connected_server_name) ?? varz[0];
  const atMs = latestMs(streams) ?? timeOf(metadata.capture_timestamp) ?? timeOf(asked?.now) ?? 0;
  const sample = accountOf(own.details, { atMs, streams });
  const servers = replies.map(seenServer);
  const jetstream = servers.some((server) => server.jetstream) || streams.length > 0;
  const window: ScanWindow = {
    atMs,
    windowMs: 0,
    server: { ...identityOf(asked, metadata), jetstream },
    account: sample === undefined ? [] : [sample],
    streams,
    core: core.series,
    missing: [ONE_READING, NO_MESSAGES, ...missing, ...core.missing],
  };
  const audit: AuditBeside = {
    connection: asked === undefined ? UNKNOWN_SERVER : connectionOf(asked),
    jetStream: jetStreamOf(window, sample),
    servers,
    settings: await settingsOf(archive, varz),
    subjects: new Map(),
    sizes: new Map(),
    wholeAccount: true,
    inboxPrefix: '_INBOX',
    archived: true,
    missing: asked === undefined ? [...NOT_GATHERED, WITHOUT_SERVERS] : NOT_GATHERED,
  };
  return { window, audit };
}

async function settingsOf(
  archive: GatheredArchive,
  varz: readonly Varz[],
): Promise<AuditBeside['settings']> {
  if (varz.length === 0) return undefined;
  const health = new Map((await readHealth(archive)).map((one) => [one.server, one.problems]));
  return varz.map((one) => {
    const settings = serverSettings(one);
    return { ...settings, problems: health.get(settings.name) };
  });
}

/** The time of the last sample. */
function latestMs(streams: ScanWindow['streams']): number | undefined {
  let latest: number | undefined;
  for (const { samples, consumers } of streams) {
    for (const { atMs } of samples) latest = Math.max(latest ?? 0, atMs);
    for (const consumer of consumers) {
      for (const { atMs } of consumer.samples) latest = Math.max(latest ?? 0, atMs);
    }
  }
  return latest;
}

function identityOf(
  asked: Varz | undefined,
  metadata: GatherMetadata,
): Omit<ScanWindow['server'], 'jetstream'> {
  return {
    name: asked?.server_name ?? metadata.connected_server_name ?? '',
    version: asked?.version ?? metadata.connected_server_version ?? '',
    cluster: asked?.cluster?.name,
    domain: asked?.jetstream?.config?.domain,
  };
}

const ONE_READING: Missing = {
  kind: 'rates',
  what: 'rates',
  why: 'unsupported',
  detail:
    'the archive has a single reading, so it is unknown what moved; two or more are needed for rates, and for verdicts that depend on them',
};

const NO_MESSAGES: Missing = {
  kind: 'messages',
  what: 'messages',
  why: 'unsupported',
  detail: 'the archive has no messages, so the age of the oldest one is unknown',
  isBeside: true,
};

const NOT_GATHERED: readonly MissingPart[] = [
  {
    kind: 'user',
    what: 'the user',
    why: 'unsupported',
    detail: 'the archive has no user’s permissions, credentials or round trip',
    rules: ['WIDE_PERMISSIONS', 'CREDENTIALS_EXPIRE', 'GUESSABLE_CREDENTIALS', 'RTT_HIGH'],
  },
  {
    kind: 'messages',
    what: 'messages',
    why: 'unsupported',
    detail: 'the archive has no messages, and no counts by subject',
    rules: ['MAX_AGE_NEAR_BACKLOG', 'GIANT_MESSAGES', 'SUBJECT_DOMINATES'],
  },
];

const WITHOUT_SERVERS: MissingPart = {
  kind: 'servers',
  what: 'servers',
  why: 'unsupported',
  detail: 'the archive was gathered without the variables of servers',
  rules: [
    'NO_AUTHENTICATION',
    'NO_TLS',
    'PAYLOAD_LIMIT_LARGE',
    'STORAGE_WRITE_ERROR',
    'SERVER_UNHEALTHY',
    'SYNC_INTERVAL_LAZY',
    'SERVER_LIMIT_NEAR',
    'ROUTES_WITHOUT_TLS',
    'SINGLE_SERVER',
    'CLUSTER_SIZE_EVEN',
    'VERSIONS_DIFFER',
    'KNOWN_BUGS',
  ],
};

function seenServer({ artifact, answer }: ServerReply<unknown>): SeenServer {
  return {
    name: artifact.server,
    version: answer.server?.ver ?? '',
    cluster: artifact.cluster,
    jetstream: answer.server?.jetstream === true,
  };
}

function jetStreamOf(
  { server }: ScanWindow,
  account: AccountSample | undefined,
): AuditBeside['jetStream'] {
  if (!server.jetstream) return { state: 'off' };
  if (account === undefined)
    return { state: 'unknown', reason: 'the archive has none of this account' };
  const usage = (kind: 'file' | 'memory') => account.usages.find((one) => one.kind === kind);
  return {
    state: 'on',
    account: {
      streams: account.streams,
      maxStreams: -1,
      consumers: account.consumers,
      maxConsumers: -1,
      storeBytes: usage('file')?.usedBytes ?? 0,
      maxStoreBytes: usage('file')?.limitBytes ?? -1,
      memoryBytes: usage('memory')?.usedBytes ?? 0,
      maxMemoryBytes: usage('memory')?.limitBytes ?? -1,
    },
  };
}

interface ListenerVarz extends Varz {
  readonly host?: string;
  readonly port?: number;
  readonly auth_required?: boolean;
  readonly tls_required?: boolean;
  readonly tls_verify?: boolean;
  readonly max_payload?: number;
}

/** Nobody was connected; this is what the server demands of whoever connects. */
function connectionOf(varz: ListenerVarz): AuditBeside['connection'] {
  const { host = '', port = 0 } = varz;
  return {
    server: varz.server_name ?? '',
    version: varz.version ?? '',
    address: `${host}:${port}`,
    cluster: varz.cluster?.name,
    authRequired: varz.auth_required === true,
    certificateRequired: varz.tls_verify === true,
    encrypted: varz.tls_required === true,
    identified: true,
    guessable: undefined,
    maxPayloadBytes: varz.max_payload ?? 0,
    rttMs: 0,
    user: undefined,
  };
}

/** Nothing is known of any server, so that no rule may say anything about it. */
const UNKNOWN_SERVER: AuditBeside['connection'] = {
  ...connectionOf({ auth_required: true, tls_required: true }),
  cluster: '',
};
