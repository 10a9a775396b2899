import { patternCovers } from '../../../core/subject/subject-match.js';
import { count, flagDuration, plural } from '../../../core/findings/wording.js';
import { shellWord } from '../../../core/shell-word.js';
import type { AuditRule } from '../audit-rule.js';
import type { StreamAudit } from '../facts.js';

const be = (messages: number): string => (messages === 1 ? 'is' : 'are');

/** A rule about one stream that answered. */
export type StreamAuditRule = AuditRule<StreamAudit>;

export const memoryStorage: StreamAuditRule = {
  id: 'MEMORY_STORAGE',
  area: 'loss',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'The stream is kept in memory only: its messages are gone when the servers that hold it stop together, and with one replica when that one server stops.',
  signs: 'Storage is "memory". A warning with one replica, a note with several.',
  advice:
    'The storage of a stream cannot be changed. Make one with file storage, copy the messages, and let publishers move over; or leave it if the messages can be lost.',
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
    `nats stream copy ${shellWord(name)} ${shellWord(`${name}-FILE`)} --storage=file`,
  ],
};

export const oneReplica: StreamAuditRule = {
  id: 'ONE_REPLICA',
  area: 'availability',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'One server holds the stream. While it is down nothing can be published or read, and when its disk is lost so are the messages.',
  signs:
    'The stream has one replica. A warning where a cluster could hold more, a note on a single server.',
  advice: 'Give it three replicas. On a single server it needs a cluster first.',
  test: ({ name, last, clustered }) => {
    if (last.config.replicas !== 1) return undefined;
    return {
      severity: clustered ? 'warning' : 'info',
      summary: `${plural(last.messages, 'message')} of ${name} ${last.messages === 1 ? 'exists' : 'exist'} once: ${name} stops with ${last.cluster?.leader ?? 'the one server'} and is lost with its disk.`,
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
    'The stream does not confirm what it stored, so that no publisher can know that a message was lost on its way.',
  signs: 'The configuration has no_ack.',
  advice: 'no_ack can be changed: edit the stream with no_ack false.',
  test: ({ name, last }) =>
    last.config.noAck === true
      ? {
          summary: `Publishers to ${name} get no acknowledgement: what does not arrive is lost without a trace.`,
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
    'The stream acknowledges messages before it has written them to disk. A server that ends without warning, also a crash of its process alone, loses messages that publishers were told are stored.',
  signs: 'persist_mode is "async" (server 2.12 or newer).',
  advice:
    'persist_mode cannot be changed. Create a stream without it, copy the messages, and move publishers over; or leave it where losing the last messages is fine.',
  test: ({ name, last: { config } }) =>
    config.asyncPersist === true
      ? {
          summary: `${name} acknowledges messages before they are on disk: a crash of its server loses acknowledged messages.`,
          evidence: { persist_mode: 'async', replicas: config.replicas, storage: config.storage },
        }
      : undefined,
  remedy: ({ name }) => [
    `natsx verify --stream ${shellWord(name)} --expect at-least-once`,
    `nats stream copy ${shellWord(name)} ${shellWord(`${name}-SYNC`)}`,
  ],
};

export const interestNoDurable: StreamAuditRule = {
  id: 'INTEREST_NO_DURABLE',
  area: 'loss',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'A stream with interest retention keeps a message only for consumers that exist when it is published. Without a durable consumer it keeps nothing whenever nobody is connected.',
  signs:
    'Retention is "interest" and no durable consumer exists, or its subjects reach further than the filters of the durable ones (a note).',
  advice: 'Make the durable consumers before anybody publishes, or keep messages by limits.',
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
        summary: `${name} keeps messages for interested consumers and has no durable one: what is published while nobody is connected is dropped at once.`,
        evidence,
      };
    }
    const uncovered = last.config.subjects.filter((subject) => !isRead(subject, durable));
    if (uncovered.length === 0) return undefined;
    return {
      severity: 'info',
      summary: `No durable consumer of ${name} reads all of ${uncovered.join(', ')}: the rest is dropped at once.`,
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
    'The stream forgets message ids before publishers give up sending a message again. A message that was stored, but whose acknowledgement was lost, is then stored twice.',
  signs: 'The duplicate window is shorter than publishers retry (--retries-take, 30s by default).',
  advice:
    'Make the window longer than the longest retry with its reconnects. It may not be longer than the maximum age.',
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
    // No message id is remembered for longer than messages live.
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
    'An even number of replicas bears no more failures than one replica less, and has one more server that can fail. Two replicas bear none.',
  signs: 'The stream has two or four replicas.',
  advice: 'Give it three, or five.',
  test: ({ name, last }) => {
    const { replicas } = last.config;
    if (replicas % 2 === 1) return undefined;
    const bears = replicas / 2 - 1;
    return {
      summary: `${name} has ${count(replicas)} replicas, which bear ${bears === 0 ? 'no failure at all' : plural(bears, 'failure')}.`,
      evidence: { replicas, failures_borne: bears },
    };
  },
  remedy: ({ name, last }) => [
    `natsx stream edit ${shellWord(name)} --replicas ${last.config.replicas === 2 ? '3' : '5'} --yes`,
  ],
};
