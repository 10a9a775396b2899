import type { Rule } from '../../../core/findings/rule.js';
import { formatByteSize } from '../../../core/values/byte-size.js';
import type { FindingId } from '../finding-id.js';
import type { ClosedConnection, ConnectionSample } from '../../../streams/model/snapshot.js';
import type { Thresholds } from '../thresholds.js';
import { formatCount, plural } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';

/** One client by name and server: its open connection, if any, and its closed ones. */
export interface ConnectionFacts {
  readonly name: string;
  readonly atMs: number;
  readonly samples: readonly ConnectionSample[];
  readonly closed: readonly ClosedConnection[];
  /** Slow consumers that a server counted during the window and that cannot be attributed to a connection. */
  readonly unexplainedSlow: number;
  /** How often a server stalled publishers during the window, if it cannot be attributed to a connection. */
  readonly unexplainedStalls: number;
  /** Whether those two were counted over all accounts instead of this one. */
  readonly allAccounts: boolean;
  readonly medianRttMs: number | undefined;
  /** The number of round trips behind the median. */
  readonly rttCount: number;
  readonly maxPendingBytes: number | undefined;
  readonly thresholds: Thresholds;
}

export type ConnectionRule = Rule<ConnectionFacts, FindingId>;

function recentSlow({ closed, atMs, thresholds }: ConnectionFacts): readonly ClosedConnection[] {
  return closed.filter(
    ({ reason, stopMs }) =>
      reason.startsWith('Slow Consumer') && atMs - stopMs <= thresholds.closedRecentlyMs,
  );
}

const coreSlowConsumer: ConnectionRule = {
  id: 'CORE_SLOW_CONSUMER',
  severity: 'critical',
  scope: 'connection',
  meaning:
    'A client reads more slowly than the server writes to it. The server buffers, then stalls publishers, then closes the connection; what was buffered is lost.',
  signs:
    'Unsent bytes are at three quarters of the server’s limit (48 MiB by default), or a connection was closed with the reason Slow Consumer in the last hour, or the server’s slow consumer count rose. A warning if megabytes stay unsent through the whole window.',
  advice:
    'Do less in the message callback, add members to the queue group, or read through JetStream. Raising the server’s limit only delays the problem.',
  test: (facts) => {
    const symptoms = slowSymptoms(facts);
    const { open, closed, latest, full, rising } = symptoms;
    const proven = full || closed.length > 0 || facts.unexplainedSlow > 0;
    if (!proven && !rising) return undefined;
    const either = open ?? latest;
    return {
      severity: proven ? 'critical' : 'warning',
      summary: sentence(facts, symptoms),
      evidence: {
        address: either?.address,
        server: either?.server,
        pending_bytes: open?.pendingBytes,
        closed_as_slow: closed.length,
        last_reason: latest?.reason,
        subscriptions: either?.subscriptions.slice(0, 5),
        slow_consumers_in_window: facts.unexplainedSlow,
      },
    };
  },
  remedy: () => ['natsx backlog --core --window 30s', 'natsx connections --pending --sort pending'],
};

interface SlowSymptoms {
  readonly open: ConnectionSample | undefined;
  readonly closed: readonly ClosedConnection[];
  readonly latest: ClosedConnection | undefined;
  /** Enough is unsent for the server to stall publishers. */
  readonly full: boolean;
  /** Megabytes stayed unsent through the whole window. */
  readonly rising: boolean;
}

function slowSymptoms(facts: ConnectionFacts): SlowSymptoms {
  const { samples, thresholds, maxPendingBytes } = facts;
  const open = samples.at(-1);
  const closed = recentSlow(facts);
  const ceiling =
    maxPendingBytes === undefined ? thresholds.slowPendingBytes : 0.75 * maxPendingBytes;
  return {
    open,
    closed,
    latest: closed.toSorted((a, b) => b.stopMs - a.stopMs)[0],
    full: open !== undefined && open.pendingBytes >= ceiling,
    rising:
      samples.length > 1 &&
      samples.every(({ pendingBytes }) => pendingBytes >= thresholds.slowPendingWarnBytes),
  };
}

function sentence(facts: ConnectionFacts, symptoms: SlowSymptoms): string {
  const { open, latest, full, rising } = symptoms;
  if (open !== undefined && (full || rising)) {
    return `${facts.name} reads too slowly: ${formatByteSize(open.pendingBytes)} are buffered for it in the server.`;
  }
  if (latest !== undefined) {
    return `${facts.name} was disconnected ${formatDurationMs(facts.atMs - latest.stopMs)} ago: ${latest.reason}.`;
  }
  const whose = facts.allAccounts ? 'other accounts' : 'this account';
  return `The server disconnected ${plural(facts.unexplainedSlow, 'slow consumer')} of ${whose} during the window.`;
}

const producerStalled: ConnectionRule = {
  id: 'PRODUCER_STALLED',
  severity: 'warning',
  scope: 'connection',
  meaning:
    'This client reads so slowly that the server stalls the clients that publish to it. The client named here causes the stalls.',
  signs:
    'The connection’s stall count rose during the window (server 2.12 or newer); with a system account or the monitoring port, also a server’s own count.',
  advice: 'See CORE_SLOW_CONSUMER.',
  test: ({ name, samples, unexplainedStalls }) => {
    if (unexplainedStalls > 0) {
      return {
        summary: `Publishers were stalled ${plural(unexplainedStalls, 'time')} in the window by ${name}; no client of this account explains it.`,
        evidence: { stalls_in_window: unexplainedStalls },
      };
    }
    const first = samples[0]?.stalls;
    const last = samples.at(-1);
    if (first === undefined || last?.stalls === undefined || last.stalls <= first) return undefined;
    return {
      summary: `${name} reads so slowly that publishers were stalled ${plural(last.stalls - first, 'time')} in the window.`,
      evidence: {
        stalls_in_window: last.stalls - first,
        pending_bytes: last.pendingBytes,
        address: last.address,
        server: last.server,
        subscriptions: last.subscriptions.slice(0, 5),
      },
    };
  },
  remedy: () => ['natsx backlog --core --window 30s'],
};

/** A command that ended: it closed its connection itself, and the next one with its name is another run. */
function hasFinished({ name, reason }: ClosedConnection): boolean {
  return reason === 'Client Closed' && /^(natsx|NATS CLI)\b/i.test(name);
}

const connectionFlapping: ConnectionRule = {
  id: 'CONNECTION_FLAPPING',
  severity: 'warning',
  scope: 'connection',
  meaning: 'A client connects and loses its connection again and again.',
  signs:
    'Three or more connections with the same name were closed within ten minutes. Clients without subscriptions do not count, nor do natsx and nats CLI commands that ended by themselves.',
  advice:
    'Depending on the reason: renew credentials, check the network or the ping settings, look for a crash loop or a slow callback.',
  test: ({ name, closed, atMs, thresholds, samples }) => {
    if (name === '') return undefined;
    const recent = closed.filter(
      (connection) =>
        connection.subscriptionCount > 0 &&
        atMs - connection.stopMs <= thresholds.flappingWithinMs &&
        !hasFinished(connection),
    );
    if (recent.length < thresholds.flappingCloses) return undefined;
    const reasons = [...new Set(recent.map(({ reason }) => reason))];
    return {
      summary: `${name} was disconnected ${formatCount(recent.length)} times in ${formatDurationMs(thresholds.flappingWithinMs)}: ${reasons.join(', ')}.`,
      evidence: {
        closes: recent.length,
        reasons,
        connected_now: samples.length > 0,
        address: recent.at(-1)?.address,
      },
    };
  },
  remedy: () => ['nats server report connections --state closed'],
};

/** Too few round trips make a meaningless median. */
const ENOUGH_RTTS = 4;
/** The server measures the round trip when a client connects, then with each ping, every two minutes by default. */
const RTT_MEASURED_EVERY_MS = 130_000;

const slowLink: ConnectionRule = {
  id: 'SLOW_LINK',
  severity: 'warning',
  scope: 'connection',
  meaning: 'This client is much further away from its server than the others.',
  signs:
    'Its round trip is at least 20ms and at least five times the median of its server. If it was measured only once, at connect time, it is only a note: a busy program answers late.',
  advice: 'Check where it runs, its network, and any proxies in between.',
  test: ({ name, samples, medianRttMs, rttCount, thresholds }) => {
    const last = samples.at(-1);
    if (last?.rttMs === undefined || medianRttMs === undefined || rttCount < ENOUGH_RTTS)
      return undefined;
    if (
      last.rttMs < thresholds.slowLinkMinMs ||
      last.rttMs < thresholds.slowLinkFactor * medianRttMs
    )
      return undefined;
    // A client that is busy starting answers late, and the server does not measure again for minutes.
    const fresh = last.startMs !== undefined && last.atMs - last.startMs < RTT_MEASURED_EVERY_MS;
    const who = name === '' ? last.address : name;
    return {
      severity: fresh ? 'info' : 'warning',
      summary: `The round trip of ${who} ${fresh ? 'was' : 'is'} ${formatDurationMs(last.rttMs)}${fresh ? ' when it connected' : ''}; the median of all clients is ${formatDurationMs(medianRttMs)}.`,
      evidence: {
        rtt_ms: last.rttMs,
        median_rtt_ms: medianRttMs,
        address: last.address,
        server: last.server,
      },
    };
  },
  remedy: () => ['natsx backlog --core', 'natsx rtt'],
};

export const CONNECTION_RULES: readonly ConnectionRule[] = [
  coreSlowConsumer,
  producerStalled,
  connectionFlapping,
  slowLink,
];
