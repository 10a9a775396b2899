import { serversOwnOf, type ServersOwn } from '../../streams/model/servers-own.js';
import type { ConsumerSample } from '../../streams/model/snapshot.js';

/** Undefined for a consumer that a client created. */
export function serversOwn({
  name,
  config: { ackPolicy, metadata },
}: Pick<ConsumerSample, 'name' | 'config'>): ServersOwn | undefined {
  return serversOwnOf({ name, ackPolicy, metadata });
}

/** `the server’s own consumer, which copies the stream into B of account $G`. */
export function serversOwnText({ stream, account }: ServersOwn): string {
  if (stream === undefined) return 'the server’s own consumer, which copies the stream';
  const where = account === undefined ? '' : ` of account ${account}`;
  return `the server’s own consumer, which copies the stream into ${stream}${where}`;
}

/** Commands that change a consumer, by either tool. */
const CHANGES = /\bnats(x)? consumer (?!info\b|ls\b|report\b)/;

/** Whether a command does not change a consumer. */
export function leavesConsumers(command: string): boolean {
  return !CHANGES.test(command);
}
