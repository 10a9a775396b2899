import { formatByteSize } from '../../../core/values/byte-size.js';
import type { Match, Rule } from '../../../core/findings/rule.js';
import type { FindingId } from '../finding-id.js';
import type { ServerProblem, ServerStore } from '../../../streams/model/snapshot.js';
import { formatPercent, plural, someNames } from '../../../core/wording.js';
import { shellWord } from '../../../core/printable.js';

/** What servers report about themselves. */
export interface ServerHealthFacts {
  readonly servers: readonly {
    readonly server: string;
    readonly stores?: readonly ServerStore[] | undefined;
    readonly problems?: readonly ServerProblem[] | undefined;
  }[];
}

export type ServerHealthRule = Rule<ServerHealthFacts, FindingId>;

interface FoundProblem extends ServerProblem {
  readonly server: string;
}

const NAMES = 3;

function problems({ servers }: ServerHealthFacts): readonly FoundProblem[] {
  return servers.flatMap(({ server, problems: found = [] }) =>
    found.map((problem) => ({ ...problem, server })),
  );
}

/** After a write error, a stream accepts no messages until its server is restarted. */
function isWriteError({ error }: ServerProblem): boolean {
  return /write error|no space left|read-only file system|input\/output error/i.test(error);
}

function match(
  found: readonly FoundProblem[],
  summary: (first: FoundProblem) => string,
): Match | undefined {
  const [first] = found;
  if (first === undefined) return undefined;
  return {
    summary: summary(first),
    evidence: {
      servers: [...new Set(found.map(({ server }) => server))],
      streams: [...new Set(found.flatMap(({ stream }) => stream ?? []))].slice(0, 10),
      errors: found.slice(0, 5).map(({ error }) => error),
      problems: found.length,
    },
  };
}

export const storageWriteError: ServerHealthRule = {
  id: 'STORAGE_WRITE_ERROR',
  severity: 'critical',
  scope: 'server',
  meaning:
    'A server cannot write to its disk. The affected streams accept no more messages: publishers get no acknowledgement, while everything else about the stream looks healthy.',
  signs:
    'The server’s health check reports a write error of a stream (no space left, a failed disk, or a disk mounted read-only). Needs --system-context or --monitor, and a server that reports it (2.10 does not).',
  advice:
    'Free space on that disk or repair it, then restart the server: a stream does not recover from a write error by itself.',
  test: (facts) =>
    match(problems(facts).filter(isWriteError), ({ server, error, stream }) =>
      stream === undefined
        ? `Server ${server} cannot write to its disk: ${error}.`
        : `Stream ${stream} accepts no messages, because server ${server} cannot write to its disk: ${reason(error)}.`,
    ),
  remedy: (facts) =>
    problems(facts)
      .filter(isWriteError)
      .flatMap(({ stream }) => stream ?? [])
      .slice(0, 1)
      .map((stream) => `natsx stream info ${shellWord(stream)}`),
};

/** The error without the stream's name, which is in the sentence already. */
function reason(error: string): string {
  return error.replace(/^JetStream stream '[^']*' /, '');
}

export const serverUnhealthy: ServerHealthRule = {
  id: 'SERVER_UNHEALTHY',
  severity: 'critical',
  scope: 'server',
  meaning: 'A server reports that it is not healthy.',
  signs:
    'The server’s health check reports something other than a write error. Needs --system-context or --monitor. A server that was just started reports this until it has caught up.',
  advice: 'Check that server’s log; what the health check names does not work.',
  test: (facts) => {
    const found = problems(facts).filter((problem) => !isWriteError(problem));
    return match(found, ({ server, error }) => {
      const more = found.length > 1 ? `; ${plural(found.length - 1, 'more problem')}` : '';
      return `Server ${server} is not healthy: ${error}${more}.`;
    });
  },
  remedy: () => ['nats server report jetstream'],
};

/** Above this share a message of ordinary size may not fit. */
const REACHED = 0.95;
const NEAR = 0.8;

const SERVER_LIMIT_TEXT = {
  id: 'SERVER_LIMIT_NEAR',
  severity: 'warning',
  scope: 'server',
} as const;

/** The stores only; the doctor's rule of that name looks at connections as well. */
const serverStoreFull: ServerHealthRule = {
  ...SERVER_LIMIT_TEXT,
  meaning:
    'JetStream on a server has nearly used up the storage that the server allows. At the limit, every publish is rejected (10023), whatever the account and the stream still allow.',
  signs:
    'At least 80% of max_file_store or max_memory_store is used; critical from 95%. Needs --system-context or --monitor.',
  advice: 'Raise the limit, add a server, or remove messages.',
  test: ({ servers }) => {
    const fills = servers
      .flatMap(({ server, stores = [] }) => stores.map((store) => ({ ...store, server })))
      .map((store) => ({ ...store, share: store.usedBytes / store.limitBytes }))
      .filter(({ share }) => share >= NEAR)
      .toSorted((a, b) => b.share - a.share);
    const [worst] = fills;
    if (worst === undefined) return undefined;
    const reached = worst.share >= REACHED;
    const others = [...new Set(fills.slice(1).map(({ server }) => server))];
    return {
      severity: reached ? 'critical' : 'warning',
      summary: `${formatPercent(worst.share)} of JetStream’s ${worst.kind} storage on server ${worst.server} is used: ${formatByteSize(worst.usedBytes)} of ${formatByteSize(worst.limitBytes)}${reached ? '; at the limit publishes are rejected' : ''}${others.length === 0 ? '' : `; also close: ${someNames(others, NAMES)}`}.`,
      evidence: {
        server: worst.server,
        kind: worst.kind,
        used_bytes: worst.usedBytes,
        limit_bytes: worst.limitBytes,
        share: worst.share,
      },
    };
  },
  remedy: () => ['natsx stream ls', 'nats server report jetstream'],
};

export const SERVER_HEALTH_RULES: readonly ServerHealthRule[] = [
  storageWriteError,
  serverStoreFull,
  serverUnhealthy,
];
