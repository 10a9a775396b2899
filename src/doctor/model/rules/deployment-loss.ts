import { patternsOverlap } from '../../../core/subject/subject-match.js';
import { isAtLeast } from '../../../core/server-needs.js';
import type { DeploymentAudit } from '../facts.js';
import type { DeploymentRule } from './deployment-rule.js';
import { plural, someNames } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';
import { shellWord } from '../../../core/printable.js';

/** From this version on, streams with several replicas are not synced for each message, not even with "always". */
const RELAXES_REPLICATED = '2.15';

export const syncIntervalLazy: DeploymentRule = {
  id: 'SYNC_INTERVAL_LAZY',
  area: 'loss',
  severity: 'warning',
  scope: 'server',
  meaning:
    'The server acknowledges a message before it is on disk, and syncs to disk at an interval (two minutes by default). If the machine loses power or its kernel crashes, acknowledged messages of that interval are lost. With replicas, several machines have to fail at once, as in a power cut.',
  signs:
    'sync_interval is 10s or more and not "always". A warning if streams in files have one replica, otherwise a note. Needs --system-context or --monitor.',
  advice:
    'Set jetstream { sync_interval: always } (slower) or a few seconds, and place replicas where they do not fail together. From server 2.15 on, streams with several replicas are synced lazily whatever is set, because their copies protect them; only streams with one replica benefit. natsx verify shows the cost.',
  test: ({ settings, scan, thresholds }) => {
    const lazy = (settings ?? []).filter(
      ({ syncIntervalMs, syncAlways }) =>
        !syncAlways && (syncIntervalMs ?? 0) >= thresholds.lazySyncMs,
    );
    const longest = Math.max(0, ...lazy.map(({ syncIntervalMs }) => syncIntervalMs ?? 0));
    if (longest === 0) return undefined;
    const alone = singleFileStreams({ scan });
    const relaxed = lazy.every(({ version }) => isAtLeast(version, RELAXES_REPLICATED));
    const who = `${plural(lazy.length, 'server')} (${someNames(
      lazy.map(({ name }) => name),
      thresholds.namesShown,
    )})`;
    return {
      severity: alone.length > 0 ? 'warning' : 'info',
      summary:
        `${who} may take ${formatDurationMs(longest)} to write acknowledged messages to disk: ` +
        (alone.length > 0
          ? `a power failure of one server loses them from ${plural(alone.length, 'stream')} with one replica.`
          : `a power failure of several servers at once loses them${relaxed ? '; from 2.15 on, sync_interval does not change that for streams with several replicas' : ''}.`),
      evidence: {
        sync_interval_ms: longest,
        servers: lazy.map(({ name }) => name),
        single_replica_streams: alone,
      },
    };
  },
  remedy: (facts) => {
    const [first] = singleFileStreams(facts);
    const spread = facts.connection.cluster !== undefined && first !== undefined;
    return [
      ...(spread ? [`natsx stream edit ${shellWord(first)} --replicas 3 --yes`] : []),
      `natsx verify --stream ${shellWord(first ?? facts.scan.streams[0]?.name ?? 'NAME')} --use-existing --expect at-least-once`,
    ];
  },
};

function singleFileStreams({ scan }: Pick<DeploymentAudit, 'scan'>): readonly string[] {
  return scan.streams.flatMap(({ name, samples }) => {
    const config = samples.at(-1)?.config;
    return config?.replicas === 1 && config.storage !== 'memory' ? [name] : [];
  });
}

/** Replies, services' own subjects, and the server's own. */
const OWN_AFFAIRS = /^(_INBOX|_R_|_GR_|_SYS|\$)/;

interface CoreSubject {
  readonly subject: string;
  readonly subscribers: number;
}

export const coreOnlySubjects: DeploymentRule = {
  id: 'CORE_ONLY_SUBJECTS',
  area: 'loss',
  severity: 'info',
  scope: 'account',
  meaning:
    'Clients subscribe to subjects that no stream stores. Such messages are delivered at most once: a client that is disconnected, is too slow or crashes does not get them again.',
  signs:
    'Subscriptions of the account’s connections that overlap no stream’s subjects, except inboxes, push consumers and system subjects. Needs permission to publish to $SYS.REQ.ACCOUNT.PING.CONNZ.',
  advice:
    'This is fine for requests, for events that may be missed, and the like. Everything else should be in a stream.',
  test: (facts) => {
    const found = coreSubjects(facts);
    if (found.length === 0) return undefined;
    const names = found.map(({ subject }) => subject);
    return {
      summary: `Clients subscribe to ${plural(found.length, 'subject')} that no stream stores: ${someNames(names, facts.thresholds.namesShown)}.`,
      evidence: {
        subjects: found.slice(0, 100).map(({ subject, subscribers }) => ({ subject, subscribers })),
        count: found.length,
      },
    };
  },
  remedy: (facts) => {
    const [first] = coreSubjects(facts);
    return first === undefined
      ? []
      : [`natsx stream create NAME --subjects ${shellWord(first.subject)}`];
  },
};

function coreSubjects({
  scan,
  inboxPrefix,
  wholeAccount,
}: DeploymentAudit): readonly CoreSubject[] {
  // If streams are left out, it is unknown whether a stream stores a subject.
  if (!wholeAccount || scan.elsewhere === true) return [];
  const kept = scan.streams.flatMap(({ samples }) => samples.at(-1)?.config.subjects ?? []);
  const delivered = new Set(
    scan.streams.flatMap(({ consumers }) =>
      consumers.flatMap(({ samples }) => samples.at(-1)?.config.deliverSubject ?? []),
    ),
  );
  const counts = new Map<string, number>();
  for (const { subscriptions } of scan.core.open?.at(-1) ?? []) {
    for (const subject of new Set(subscriptions)) {
      const own = OWN_AFFAIRS.test(subject) || subject.startsWith(`${inboxPrefix}.`);
      if (own || delivered.has(subject)) continue;
      if (kept.some((one) => patternsOverlap(one, subject))) continue;
      counts.set(subject, (counts.get(subject) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([subject, subscribers]) => ({ subject, subscribers }))
    .toSorted((a, b) => b.subscribers - a.subscribers || (a.subject < b.subject ? -1 : 1));
}
