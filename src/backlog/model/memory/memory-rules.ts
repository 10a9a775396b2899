import { formatDurationMs } from '../../../core/values/duration.js';
import { formatCount, plural } from '../../../core/wording.js';
import { shellWord } from '../../../core/printable.js';
import type { HistoryChange, MemoryFacts, MemoryRule } from './memory-facts.js';
import { purgedMessages, type StreamPair } from './purge.js';

/** Leaders that move as often within a minute do not move by plan. */
const FLAPPING_MOVES = 3;
const LEAK_RISES = 5;
const LEAK_SUBSCRIPTIONS = 20;
/** Readings that show that a copy follows its source, and that it does not any more. */
const FOLLOWED_READINGS = 3;
const SILENT_READINGS = 3;
/** A source that is there is heard from more often. */
const SILENT_MS = 10_000;

const streamInfo = (facts: MemoryFacts): readonly string[] =>
  'stream' in facts ? [`natsx stream info ${shellWord(facts.stream)}`] : [];

/** Rules that compare readings of different times. They are listed after the findings of the reading itself. */
export const MEMORY_RULES: readonly MemoryRule[] = [
  {
    id: 'LAST_SEQ_WENT_BACK',
    severity: 'critical',
    scope: 'stream',
    meaning:
      'The last sequence of a stream is lower than before: messages that the server had acknowledged are lost. New messages reuse those sequences, so consumers that already passed them skip the new ones.',
    signs:
      'Two readings of the same stream, with the same creation time, and a lower last_seq in the later one.',
    advice:
      'Look for a server that crashed or lost its disk at that time. Publish the messages again from their source, and compare the positions of consumers with the new last sequence.',
    test: (facts) => {
      const pair = samePair(facts);
      if (pair === undefined || pair.after.lastSeq >= pair.before.lastSeq) return undefined;
      const { before, after } = pair;
      return {
        summary: `The last sequence went back from ${formatCount(before.lastSeq)} to ${formatCount(after.lastSeq)}: ${plural(before.lastSeq - after.lastSeq, 'acknowledged message')} lost.`,
        evidence: {
          last_seq_before: before.lastSeq,
          last_seq_after: after.lastSeq,
          messages_before: before.messages,
          messages_after: after.messages,
        },
      };
    },
    remedy: (facts) =>
      facts.kind === 'stream' ? [`natsx stream info ${shellWord(facts.name)}`] : [],
  },
  {
    id: 'STREAM_RECREATED',
    severity: 'warning',
    scope: 'stream',
    meaning:
      'A stream was deleted and created again under the same name: its messages and consumers are gone, and sequences begin at 1.',
    signs: 'Two readings of a stream with different creation times.',
    advice: 'Find out who deleted it. Create the consumers again, and publish what is missing.',
    test: (facts) => {
      if (facts.kind !== 'stream' || facts.after === undefined) return undefined;
      const { before, after } = facts;
      if (before.createdMs === undefined || after.createdMs === undefined) return undefined;
      if (before.createdMs === after.createdMs) return undefined;
      return {
        summary: `The stream was deleted and created again; it had ${plural(before.messages, 'message')} and ${plural(before.consumerCount, 'consumer')}.`,
        evidence: {
          created_before: new Date(before.createdMs).toISOString(),
          created_after: new Date(after.createdMs).toISOString(),
          messages_before: before.messages,
          last_seq_before: before.lastSeq,
          consumers_before: before.consumerCount,
        },
      };
    },
    remedy: () => [],
  },
  {
    id: 'STREAM_VANISHED',
    severity: 'warning',
    scope: 'stream',
    meaning: 'A stream that existed is gone, with its messages and consumers.',
    signs:
      'A reading lists the streams of the account, and one of the reading before is not among them.',
    advice:
      'If it was not deleted on purpose, look for a server that restarted with an empty store. Restore it from a backup or create it again.',
    test: (facts) => {
      if (facts.kind !== 'stream' || facts.after !== undefined) return undefined;
      const { before } = facts;
      return {
        summary: `The stream ${facts.name} is gone; it had ${plural(before.messages, 'message')} and ${plural(before.consumerCount, 'consumer')}.`,
        evidence: {
          stream: facts.name,
          messages: before.messages,
          last_seq: before.lastSeq,
          consumers: before.consumerCount,
        },
      };
    },
    remedy: () => [],
  },
  {
    id: 'STREAM_PURGED',
    severity: 'info',
    scope: 'stream',
    meaning: 'Many messages of a stream were removed at once, as by a purge.',
    signs:
      'There are fewer messages than before, and neither the limits of the stream nor acknowledgements explain it.',
    advice: 'Find out who purged it, and whether consumers had read the messages.',
    test: (facts) => {
      const pair = samePair(facts);
      if (pair === undefined || facts.kind !== 'stream') return undefined;
      const removed = purgedMessages(pair, facts.finished);
      if (removed === 0) return undefined;
      const { before, after } = pair;
      return {
        summary: `${plural(removed, 'message')} removed at once; ${formatCount(after.messages)} left.`,
        evidence: {
          removed,
          messages_before: before.messages,
          messages_after: after.messages,
          first_seq_before: before.firstSeq,
          first_seq_after: after.firstSeq,
        },
      };
    },
    remedy: () => [],
  },
  {
    id: 'CONSUMER_VANISHED',
    severity: 'warning',
    scope: 'consumer',
    meaning: 'A durable consumer that existed is gone, with its position.',
    signs:
      'A reading lists the consumers of the stream, and a durable one of the reading before is not among them.',
    advice:
      'If it was not deleted on purpose, check its inactive_threshold. Create it again with the start sequence after its last position.',
    test: (facts) => {
      if (facts.kind !== 'consumer-gone' || !facts.before.config.durable) return undefined;
      const { pending, ackPending, ackFloor } = facts.before;
      return {
        summary: `The consumer ${facts.name} of ${facts.stream} is gone; it had acknowledged up to sequence ${formatCount(ackFloor.streamSeq)}, and ${plural(pending + ackPending, 'message')} waited.`,
        evidence: {
          consumer: facts.name,
          ack_floor: ackFloor.streamSeq,
          pending,
          ack_pending: ackPending,
          inactive_threshold_ms: facts.before.config.inactiveThresholdMs,
        },
      };
    },
    remedy: (facts) =>
      facts.kind === 'consumer-gone'
        ? [
            `natsx consumer create ${shellWord(facts.stream)} ${shellWord(facts.name)} --start-seq ${String(facts.before.ackFloor.streamSeq + 1)}`,
          ]
        : [],
  },
  {
    id: 'CONFIG_CHANGED',
    severity: 'info',
    scope: 'stream or consumer',
    meaning: 'The configuration was changed.',
    signs: 'Two readings with different settings.',
    advice: 'If trouble began within two minutes after the change, CHANGED_AT_DEPLOY reports it.',
    test: (facts) => {
      const [first] = facts.kind === 'config' ? facts.changes : [];
      if (facts.kind !== 'config' || first === undefined) return undefined;
      return {
        summary: `Changed: ${facts.changes.map(changeText).join(', ')}.`,
        evidence: {
          changes: facts.changes.map(({ key, before, after }) => ({ key, before, after })),
        },
      };
    },
    remedy: streamInfo,
  },
  {
    id: 'LEADER_FLAPPING',
    severity: 'warning',
    scope: 'stream or consumer',
    meaning:
      'The leader moved several times within a minute. Publishers and consumers wait during each election.',
    signs:
      'Three moves of the leader within a minute. Moves that were requested (leader step-down, peer removal) do not count, nor does a single move, as after a restart.',
    advice:
      'Look for a server that is overloaded, restarts, or has a bad connection to the others; natsx doctor --system-context shows its state.',
    test: (facts) => {
      if (facts.kind !== 'leader' || facts.moves.length < FLAPPING_MOVES) return undefined;
      const leaders = facts.moves.flatMap(({ before, after }) => [before, after]);
      const servers = [...new Set(leaders)].filter((name) => typeof name === 'string');
      return {
        summary: `The leader moved ${String(facts.moves.length)} times within a minute, between ${servers.join(', ')}.`,
        evidence: { moves: facts.moves.length, servers },
      };
    },
    remedy: () => ['natsx doctor'],
  },
  {
    id: 'SUBSCRIPTION_LEAK',
    severity: 'warning',
    scope: 'connection',
    meaning:
      'A client has more and more subscriptions and never unsubscribes. Each costs memory on all servers, and in the end the client reaches a limit.',
    signs: `The number of subscriptions of one connection rose in at least ${String(LEAK_RISES)} readings in a row, by at least ${String(LEAK_SUBSCRIPTIONS)} and by half.`,
    advice: 'Fix the client: unsubscribe after each request, or use one inbox for all of them.',
    test: (facts) => {
      if (facts.kind !== 'subscriptions' || facts.rises < LEAK_RISES) return undefined;
      const { from, to, connection, address, spanMs } = facts;
      if (to - from < Math.max(LEAK_SUBSCRIPTIONS, from / 2)) return undefined;
      return {
        summary: `${connection || address} went from ${plural(from, 'subscription')} to ${formatCount(to)} in ${formatDurationMs(spanMs)}, and unsubscribed from none.`,
        evidence: {
          connection,
          address,
          subscriptions_before: from,
          subscriptions: to,
          span_ms: spanMs,
        },
      };
    },
    remedy: () => ['natsx backlog --core'],
  },
  {
    id: 'SOURCE_SILENT_AT_LAG_0',
    severity: 'warning',
    scope: 'stream',
    meaning:
      'A mirror or source no longer receives anything, although its origin gets messages and the server reports no lag and no error.',
    signs: `The copy grew in at least ${String(FOLLOWED_READINGS)} readings; in the last ${String(SILENT_READINGS)} or more only the origin grew, with a lag of 0. Of an origin in another domain or account only its silence is known: it was not heard from for ${formatDurationMs(SILENT_MS)}.`,
    advice:
      'Recreate the source: edit the stream without it, and add it again. Check that the exports and permissions still allow its deliveries.',
    test: (facts) => {
      if (facts.kind !== 'source' || facts.lag !== 0 || facts.together < FOLLOWED_READINGS) {
        return undefined;
      }
      const { stream, source, alone, missed, silentMs, lag } = facts;
      const isSilent =
        silentMs === undefined ? alone >= SILENT_READINGS : alone > 0 && silentMs >= SILENT_MS;
      if (!isSilent) return undefined;
      const why =
        silentMs === undefined
          ? `which received ${plural(missed ?? 0, 'message')} in that time`
          : `which was not heard from for ${formatDurationMs(silentMs)}`;
      return {
        summary: `${stream} receives nothing from ${source}, ${why}; the server reports a lag of 0.`,
        evidence: { source, missed, silent_ms: silentMs, lag },
      };
    },
    remedy: streamInfo,
  },
  {
    id: 'CHANGED_AT_DEPLOY',
    severity: 'warning',
    scope: 'consumer',
    meaning:
      'The backlog began within two minutes after a change of the configuration or of the clients.',
    signs:
      'The consumer has a warning or critical finding, and in the two minutes before its backlog began, a setting was changed or all connections of a client were replaced.',
    advice: 'Compare with the state before the change, or undo the change.',
    test: (facts) => {
      if (facts.kind !== 'backlog' || facts.deploy === undefined) return undefined;
      const { deploy } = facts;
      return {
        summary: `The backlog began after a change: ${changeText(deploy)}.`,
        evidence: {
          change: deploy.kind,
          key: deploy.key,
          before: deploy.before,
          after: deploy.after,
          changed_at: new Date(deploy.atMs).toISOString(),
        },
      };
    },
    remedy: (facts) =>
      facts.kind === 'backlog'
        ? [`natsx consumer info ${shellWord(facts.stream)} ${shellWord(facts.consumer)}`]
        : [],
  },
  {
    id: 'BACKLOG_SINCE',
    severity: 'info',
    scope: 'consumer',
    meaning: 'The time since which the consumer has been behind without a break.',
    signs:
      'The consumer has a warning or critical finding; this is the first of the readings in a row that had a backlog.',
    advice: 'natsx history why shows what happened just before.',
    test: (facts) => {
      if (facts.kind !== 'backlog') return undefined;
      const { backlog, spanMs, isOlder, verdict } = facts;
      return {
        summary: `Behind for ${isOlder ? 'more than ' : ''}${formatDurationMs(spanMs)}; ${plural(backlog, 'message')} now.`,
        evidence: { verdict, backlog, since_ms: spanMs, began_before_the_history: isOlder },
      };
    },
    remedy: () => [],
  },
];

/** `max_ack_pending 1000 to 10`. */
export function changeText({ kind, key, before, after }: HistoryChange): string {
  if (kind === 'client_replaced') return `all connections of ${key ?? ''} were replaced`;
  const value = (one: HistoryChange['before']): string => (one === null ? 'none' : String(one));
  return `${key ?? kind} ${value(before)} to ${value(after)}`;
}

/** Two readings of a stream that was not created again in between. */
function samePair(facts: MemoryFacts): StreamPair | undefined {
  if (facts.kind !== 'stream' || facts.after === undefined) return undefined;
  const { before, after } = facts;
  return before.createdMs === after.createdMs ? { before, after } : undefined;
}
