import type { ConsumerSample } from './snapshot.js';

/** A consumer that the servers made for themselves, to copy a stream into another one. */
export interface ServersOwn {
  /** Whose copy it feeds, where the server says so. */
  readonly stream?: string | undefined;
  readonly account?: string | undefined;
}

const NAMES = /^JS_(SRC|MIRROR)_/;
const COPYING = '_nats.src.';

/** Undefined for a consumer of somebody's own. */
export function serversOwn({
  name,
  config: { ackPolicy, metadata },
}: Pick<ConsumerSample, 'name' | 'config'>): ServersOwn | undefined {
  const marked = Object.keys(metadata).some((key) => key.startsWith(COPYING));
  if (!marked && ackPolicy !== 'flow_control' && !NAMES.test(name)) return undefined;
  return { stream: metadata[`${COPYING}stream`], account: metadata[`${COPYING}acc`] };
}

/** `the server’s own consumer, which copies the stream into B of account $G`. */
export function serversOwnText({ stream, account }: ServersOwn): string {
  if (stream === undefined) return 'the server’s own consumer, which copies the stream';
  const where = account === undefined ? '' : ` of account ${account}`;
  return `the server’s own consumer, which copies the stream into ${stream}${where}`;
}

/** Commands that change a consumer, by either tool. */
const CHANGES = /\bnats(x)? consumer (?!info\b|ls\b|report\b)/;

/** Whether a command leaves a consumer as it is. */
export function leavesConsumers(command: string): boolean {
  return !CHANGES.test(command);
}
