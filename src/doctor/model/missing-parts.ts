import type { Missing } from '../../streams/model/snapshot.js';
import { isAtLeast } from '../../core/server-needs.js';
import type { AuditId } from './doctor-id.js';
import type { AuditReading } from './reading.js';
import type { MissingPart } from './report.js';

/** Rules that need the servers' answers about their cluster. */
const CLUSTER_RULES: readonly AuditId[] = ['SINGLE_SERVER', 'CLUSTER_SIZE_EVEN', 'VERSIONS_DIFFER'];
const SETTING_RULES: readonly AuditId[] = [
  'STORAGE_WRITE_ERROR',
  'SERVER_UNHEALTHY',
  'SYNC_INTERVAL_LAZY',
  'SERVER_LIMIT_NEAR',
  'ROUTES_WITHOUT_TLS',
];
const STREAM_RULES: readonly AuditId[] = [
  'MEMORY_STORAGE',
  'ONE_REPLICA',
  'DUPLICATE_WINDOW_SHORT',
  'STREAM_LIMIT_NEAR',
];
const CONSUMER_RULES: readonly AuditId[] = [
  'CURSOR_AHEAD',
  'ACK_NONE',
  'ACK_WAIT_TOO_SHORT',
  'MAX_DELIVER_UNLIMITED',
];

/** What could not be read, and the rules that were not run because of it. It never counts as healthy. */
export function missingParts(reading: AuditReading): readonly MissingPart[] {
  return [
    ...reading.missing,
    ...withoutSettings(reading),
    ...withoutSyncInterval(reading),
    ...(reading.archived === true ? [] : withoutUser(reading)),
    ...withoutJetStream(reading),
    ...reading.scan.missing
      // Those of an archive are listed with their rules.
      .filter(({ kind }) => reading.archived !== true || kind !== 'messages')
      .filter(({ kind }) => reading.jetStream.state !== 'off' || kind !== 'streams')
      .map((missing) => scanPart(missing, reading)),
    ...(reading.archived === true ? [] : withoutAges(reading)),
  ];
}

function withoutSettings({ settings, servers, missing }: AuditReading): readonly MissingPart[] {
  if (settings === undefined) {
    if (missing.some(({ kind }) => kind === 'servers')) return [];
    return [
      {
        kind: 'servers',
        what: 'server settings',
        why: 'denied',
        detail: 'servers do not report their configuration to an ordinary account',
        rules: SETTING_RULES,
        hint: '--system-context NAME or --monitor URL shows them',
      },
    ];
  }
  const known = new Set(settings.map(({ name }) => name));
  const unknown = servers.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (unknown.length === 0) return [];
  return [
    {
      kind: 'servers',
      what: `server settings of ${unknown.join(', ')}`,
      why: 'denied',
      detail: 'only other servers reported theirs',
      rules: SETTING_RULES,
      hint: 'give --monitor URL for each server, or --system-context NAME',
    },
  ];
}

/** Old servers report their settings, but not this one. */
function withoutSyncInterval({ settings = [] }: AuditReading): readonly MissingPart[] {
  const silent = settings
    .filter(({ jetstream, syncIntervalMs }) => jetstream && syncIntervalMs === undefined)
    .map(({ name, version }) => `${name} (${version})`);
  if (silent.length === 0) return [];
  return [
    {
      kind: 'servers',
      what: 'sync interval',
      why: 'unsupported',
      detail: `servers before 2.10 do not report it: ${silent.join(', ')}`,
      rules: ['SYNC_INTERVAL_LAZY'],
    },
  ];
}

function withoutUser({ connection }: AuditReading): readonly MissingPart[] {
  if (connection.user !== undefined) return [];
  const rules: readonly AuditId[] = ['WIDE_PERMISSIONS', 'CREDENTIALS_EXPIRE'];
  const kind = 'user';
  const what = 'user permissions';
  if (!isAtLeast(connection.version, '2.10')) {
    const detail = `servers before 2.10 do not report the permissions of a user; this is ${connection.version}`;
    return [{ kind, what, why: 'unsupported', detail, rules }];
  }
  return [
    {
      kind,
      what,
      why: 'denied',
      detail: 'the server does not answer on $SYS.REQ.USER.INFO',
      rules,
      hint: 'allow the user to publish there',
    },
  ];
}

function withoutJetStream({ jetStream }: AuditReading): readonly MissingPart[] {
  if (jetStream.state === 'on') return [];
  const off = jetStream.state === 'off';
  return [
    {
      kind: 'jetstream',
      what: 'JetStream',
      why: off ? 'unsupported' : 'error',
      detail: off ? 'JetStream is off for this account' : jetStream.reason,
      rules: off ? [] : ['ACCOUNT_LIMIT_NEAR'],
    },
  ];
}

function scanPart(missing: Missing, { servers, connection }: AuditReading): MissingPart {
  if (missing.kind === 'connections') {
    const detail = 'no server answers on $SYS.REQ.ACCOUNT.PING.CONNZ';
    const hint = 'allow the user to publish there';
    // A server that belongs to no cluster is alone, whatever others report.
    const unknown = servers.length === 0 && connection.cluster !== undefined;
    const rules: readonly AuditId[] = ['CORE_ONLY_SUBJECTS', ...(unknown ? CLUSTER_RULES : [])];
    return { ...missing, detail, rules, hint };
  }
  // Without the list of streams, their consumers are not read either.
  if (missing.kind === 'streams')
    return { ...missing, rules: [...STREAM_RULES, ...CONSUMER_RULES] };
  if (missing.kind === 'clients' || missing.kind === 'some-connections')
    return { ...missing, rules: ['CORE_ONLY_SUBJECTS'] };
  if (missing.kind === 'rates')
    return { ...missing, rules: ['ACK_WAIT_TOO_SHORT', 'UNREAD_EVICTED'] };
  // Counts bound what is not visible one by one.
  if (missing.kind === 'advisories') return { ...missing, rules: [] };
  return {
    ...missing,
    rules: missing.kind.startsWith('consumer') ? CONSUMER_RULES : STREAM_RULES,
  };
}

/** Ages that a rule needs and that could not be read. */
function withoutAges({ scan }: AuditReading): readonly MissingPart[] {
  return scan.streams.flatMap(({ name, samples, consumers }) => {
    if (samples.at(-1)?.config.maxAgeMs === undefined) return [];
    return consumers.flatMap((consumer): readonly MissingPart[] => {
      const last = consumer.samples.at(-1);
      if (last === undefined || last.pending + last.ackPending === 0) return [];
      if (consumer.lookups?.oldest !== undefined) return [];
      return [
        {
          kind: 'messages',
          what: `age of the backlog of ${name}/${consumer.name}`,
          why: 'denied',
          detail: 'its oldest message could not be read',
          rules: ['MAX_AGE_NEAR_BACKLOG'],
          hint: `allow $JS.API.DIRECT.GET.${name}.> or $JS.API.STREAM.MSG.GET.${name}`,
        },
      ];
    });
  });
}
