import { patternCovers } from '../../../core/subject/subject-match.js';
import type { AuditRule } from '../audit-rule.js';
import type { StreamAudit } from '../facts.js';
import { agree, formatCount, plural } from '../../../core/wording.js';
import { flagDuration } from '../../../core/values/duration.js';
import { shellWord } from '../../../core/printable.js';

const be = (messages: number): string => agree(messages, 'is', 'are');

/** A rule about one stream that answered. */
export type StreamAuditRule = AuditRule<StreamAudit>;

export const memoryStorage: StreamAuditRule = {
  id: 'MEMORY_STORAGE',
  area: 'loss',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'The stream is stored in memory only: its messages are lost when all servers that hold it stop at the same time, or, with one replica, when that server stops.',
  signs: 'Storage is "memory". A warning with one replica, a note with several.',
  advice:
    'The storage of a stream cannot be changed. Create a stream with file storage, copy the messages, and move the publishers; or leave it as it is if the messages may be lost.',
  test: ({ name, last }) => {
    if (last.config.storage !== 'memory') return undefined;
    const alone = last.config.replicas === 1;
    return {
      severity: alone ? 'warning' : 'info',
      summary: alone
        ? `${plural(last.messages, 'message')} of ${name} ${be(last.messages)} in the memory of one server and ${be(last.messages)} lost when it restarts.`
        : `${plural(last.messages, 'message')} of ${name} ${be(last.messages)} in memory only and ${be(last.messages)} lost when its ${String(last.config.replicas)} servers stop together.`,
      evidence: { storage: 'memory', replicas: last.config.replicas, messages: last.messages },
    };
  },
  remedy: ({ name }) => [
    `natsx stream info ${shellWord(name)} --json`,
    `natsx stream create ${shellWord(`${name}-FILE`)} --source ${shellWord(name)} --storage file`,
  ],
};

export const oneReplica: StreamAuditRule = {
  id: 'ONE_REPLICA',
  area: 'availability',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'One server holds the stream. While it is down, nothing can be published or read, and if its disk is lost, so are the messages.',
  signs:
    'The stream has one replica. A warning if a cluster could hold more, a note on a single server.',
  advice: 'Give it three replicas. A single server must become a cluster first.',
  test: ({ name, last, clustered }) => {
    if (last.config.replicas !== 1) return undefined;
    return {
      severity: clustered ? 'warning' : 'info',
      summary: `There is one copy of the ${plural(last.messages, 'message')} in ${name}: it is unavailable while ${last.cluster?.leader ?? 'the one server'} is down, and lost with its disk.`,
      evidence: { replicas: 1, messages: last.messages, server: last.cluster?.leader, clustered },
    };
  },
  remedy: ({ name, clustered }) =>
    clustered
      ? [`natsx stream edit ${shellWord(name)} --replicas 3 --yes`]
      : [`natsx stream info ${shellWord(name)}`],
};

export const streamNoAck: StreamAuditRule = {
  id: 'STREAM_NO_ACK',
  area: 'loss',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'The stream does not acknowledge what it stores, so a publisher cannot know that a message was lost on its way.',
  signs: 'no_ack is set.',
  advice: 'Set no_ack to false; it can be edited.',
  test: ({ name, last }) =>
    last.config.noAck === true
      ? {
          summary: `Publishers to ${name} get no acknowledgements: what does not arrive is lost without a trace.`,
          evidence: { no_ack: true, subjects: last.config.subjects },
        }
      : undefined,
  remedy: ({ name }) => [
    `echo '{"no_ack":false}' | natsx stream edit ${shellWord(name)} --config - --yes`,
  ],
};

export const persistAsync: StreamAuditRule = {
  id: 'PERSIST_ASYNC',
  area: 'loss',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'The stream acknowledges messages before they are written to disk. If the server stops without warning, even if only its process crashes, it loses acknowledged messages.',
  signs: 'persist_mode is "async" (server 2.12 or newer).',
  advice:
    'persist_mode cannot be changed. Create a stream without it, copy the messages, and move the publishers; or leave it as it is if the last messages may be lost.',
  test: ({ name, last: { config } }) =>
    config.asyncPersist === true
      ? {
          summary: `${name} acknowledges messages before they are on disk: a crash of its server loses acknowledged messages.`,
          evidence: { persist_mode: 'async', replicas: config.replicas, storage: config.storage },
        }
      : undefined,
  remedy: ({ name }) => [
    `natsx verify --stream ${shellWord(name)} --expect at-least-once`,
    `natsx stream create ${shellWord(`${name}-SYNC`)} --source ${shellWord(name)}`,
  ],
};

export const interestNoDurable: StreamAuditRule = {
  id: 'INTEREST_NO_DURABLE',
  area: 'loss',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'A stream with interest retention stores a message only for consumers that exist when it is published. Without a durable consumer it stores nothing while no client is connected.',
  signs:
    'Retention is "interest" and there is no durable consumer, or the stream’s subjects are wider than the filters of the durable ones (a note).',
  advice: 'Create the durable consumers before publishing starts, or use limits retention.',
  test: (facts) => {
    const { name, last, consumers, complete } = facts;
    if (last.config.retention !== 'interest' || !complete) return undefined;
    const durable = consumers.filter(({ config }) => config.durable);
    const evidence = {
      retention: 'interest',
      consumers: consumers.length,
      durable_consumers: durable.length,
    };
    if (durable.length === 0) {
      return {
        summary: `${name} stores messages only for its consumers and has no durable one: messages published while no client is connected are dropped immediately.`,
        evidence,
      };
    }
    const uncovered = last.config.subjects.filter((subject) => !isRead(subject, durable));
    if (uncovered.length === 0) return undefined;
    return {
      severity: 'info',
      summary: `No durable consumer of ${name} covers all of ${uncovered.join(', ')}: the rest is dropped immediately.`,
      evidence: { ...evidence, uncovered },
    };
  },
  remedy: ({ name }) => [
    `natsx consumer create ${shellWord(name)} worker`,
    `natsx stream info ${shellWord(name)}`,
  ],
};

function isRead(subject: string, consumers: StreamAudit['consumers']): boolean {
  return consumers.some(
    ({ config: { filters } }) =>
      filters.length === 0 || filters.some((filter) => patternCovers(filter, subject)),
  );
}

export const duplicateWindowShort: StreamAuditRule = {
  id: 'DUPLICATE_WINDOW_SHORT',
  area: 'duplicates',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'The stream forgets message ids before publishers stop retrying. A message that was stored, but whose acknowledgement was lost, is then stored twice.',
  signs:
    'The duplicate window is shorter than the time for which publishers retry (--retries-take, 30s by default).',
  advice:
    'Make the window longer than the longest retry, including reconnects. It cannot be longer than max_age.',
  test: ({ name, last: { config }, choices }) => {
    const window = config.duplicateWindowMs;
    if (window === undefined || config.mirror === true || config.sealed === true) return undefined;
    if (window >= choices.retriesTakeMs) return undefined;
    return {
      summary: `${name} remembers message ids for ${flagDuration(window)}, and publishers may retry for ${flagDuration(choices.retriesTakeMs)}: a retry can be stored twice.`,
      evidence: {
        duplicate_window_ms: window,
        retries_take_ms: choices.retriesTakeMs,
        max_age_ms: config.maxAgeMs,
      },
    };
  },
  remedy: ({ name, last: { config }, choices: { retriesTakeMs } }) => {
    const wanted = Math.max(120_000, 2 * retriesTakeMs);
    const { maxAgeMs = wanted } = config;
    // Message ids are not remembered for longer than messages are kept.
    const raised = maxAgeMs < retriesTakeMs ? `--max-age ${flagDuration(wanted)} ` : '';
    const window = raised === '' ? Math.min(wanted, maxAgeMs) : wanted;
    return [
      `natsx stream edit ${shellWord(name)} ${raised}--duplicate-window ${flagDuration(window)} --yes`,
    ];
  },
};

export const replicasEven: StreamAuditRule = {
  id: 'REPLICAS_EVEN',
  area: 'availability',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'An even number of replicas tolerates no more failures than one replica fewer, but has one more server that can fail. Two replicas tolerate none.',
  signs: 'The stream has two or four replicas.',
  advice: 'Use three or five replicas.',
  test: ({ name, last }) => {
    const { replicas } = last.config;
    if (replicas % 2 === 1) return undefined;
    const tolerated = replicas / 2 - 1;
    return {
      summary: `${name} has ${formatCount(replicas)} replicas, which tolerate ${tolerated === 0 ? 'no failure at all' : plural(tolerated, 'failure')}.`,
      evidence: { replicas, failures_borne: tolerated },
    };
  },
  remedy: ({ name, last }) => [
    `natsx stream edit ${shellWord(name)} --replicas ${last.config.replicas === 2 ? '3' : '5'} --yes`,
  ],
};
