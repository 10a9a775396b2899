import type { Missing } from '../../streams/model/snapshot.js';
import { isAtLeast } from '../../core/server-needs.js';
import type { AuditId } from './doctor-id.js';
import type { AuditReading } from './reading.js';
import type { MissingPart } from './report.js';

/** What a cluster is judged by that nobody else tells of. */
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

/** What could not be looked at, and which rules were not run because of it. Never taken for fine. */
export function missingParts(reading: AuditReading): readonly MissingPart[] {
  return [
    ...reading.missing,
    ...withoutSettings(reading),
    ...withoutSyncInterval(reading),
    ...withoutUser(reading),
    ...withoutJetStream(reading),
    ...reading.scan.missing
      .filter(({ what }) => reading.jetStream.state !== 'off' || what !== 'streams')
      .map((missing) => scanPart(missing, reading)),
    ...withoutAges(reading),
  ];
}

function withoutSettings({ settings, servers, missing }: AuditReading): readonly MissingPart[] {
  if (settings === undefined) {
    if (missing.some(({ what }) => what === 'server settings')) return [];
    return [
      {
        what: 'server settings',
        why: 'denied',
        detail: 'an ordinary account is not told how the servers are configured',
        rules: SETTING_RULES,
        hint: '--system-context NAME or --monitor URL shows them',
      },
    ];
  }
  const told = new Set(settings.map(({ name }) => name));
  const untold = servers.filter(({ name }) => !told.has(name)).map(({ name }) => name);
  if (untold.length === 0) return [];
  return [
    {
      what: `server settings of ${untold.join(', ')}`,
      why: 'denied',
      detail: 'only other servers told theirs',
      rules: SETTING_RULES,
      hint: 'give --monitor URL for each server, or --system-context NAME',
    },
  ];
}

/** Old servers tell their settings, but not this one. */
function withoutSyncInterval({ settings = [] }: AuditReading): readonly MissingPart[] {
  const silent = settings
    .filter(({ jetstream, syncIntervalMs }) => jetstream && syncIntervalMs === undefined)
    .map(({ name, version }) => `${name} (${version})`);
  if (silent.length === 0) return [];
  return [
    {
      what: 'sync interval',
      why: 'unsupported',
      detail: `servers before 2.10 do not tell it: ${silent.join(', ')}`,
      rules: ['SYNC_INTERVAL_LAZY'],
    },
  ];
}

function withoutUser({ connection }: AuditReading): readonly MissingPart[] {
  if (connection.user !== undefined) return [];
  const rules: readonly AuditId[] = ['WIDE_PERMISSIONS', 'CREDENTIALS_EXPIRE'];
  const what = 'user permissions';
  if (!isAtLeast(connection.version, '2.10')) {
    const detail = `servers before 2.10 do not tell what a user may do, this is ${connection.version}`;
    return [{ what, why: 'unsupported', detail, rules }];
  }
  return [
    {
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
      what: 'JetStream',
      why: off ? 'unsupported' : 'error',
      detail: off ? 'JetStream is off for this account' : jetStream.reason,
      rules: off ? [] : ['ACCOUNT_LIMIT_NEAR'],
    },
  ];
}

function scanPart(missing: Missing, { servers, connection }: AuditReading): MissingPart {
  if (missing.what === 'connections') {
    const detail = 'no server answers on $SYS.REQ.ACCOUNT.PING.CONNZ';
    const hint = 'allow the user to publish there';
    // A server that belongs to no cluster is alone, whoever else tells of it.
    const unknown = servers.length === 0 && connection.cluster !== undefined;
    const rules: readonly AuditId[] = ['CORE_ONLY_SUBJECTS', ...(unknown ? CLUSTER_RULES : [])];
    return { ...missing, detail, rules, hint };
  }
  // Without the list of streams nobody looks at their consumers either.
  if (missing.what === 'streams')
    return { ...missing, rules: [...STREAM_RULES, ...CONSUMER_RULES] };
  if (missing.what === 'clients') return { ...missing, rules: ['CORE_ONLY_SUBJECTS'] };
  // Their counts bound what is not seen one by one.
  if (missing.what === 'advisories') return { ...missing, rules: [] };
  return {
    ...missing,
    rules: missing.what.startsWith('consumer') ? CONSUMER_RULES : STREAM_RULES,
  };
}

/** Where age decides and was not read. */
function withoutAges({ scan }: AuditReading): readonly MissingPart[] {
  return scan.streams.flatMap(({ name, samples, consumers }) => {
    if (samples.at(-1)?.config.maxAgeMs === undefined) return [];
    return consumers.flatMap((consumer): readonly MissingPart[] => {
      const last = consumer.samples.at(-1);
      if (last === undefined || last.pending + last.ackPending === 0) return [];
      if (consumer.extras?.oldest !== undefined) return [];
      return [
        {
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
