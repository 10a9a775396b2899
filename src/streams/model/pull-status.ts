/** What a server says about a pull request in place of a message. */
export type PullStatus =
  | { readonly type: 'heartbeat'; readonly lastConsumerSeq: number | undefined }
  /** The request has ended in good order; so many of its messages were not delivered. */
  | { readonly type: 'ended'; readonly undelivered: number }
  /** The next message alone is larger than what the request allows. */
  | { readonly type: 'too-large'; readonly undelivered: number }
  /** Nobody answers: there is no leader, or no consumer. */
  | { readonly type: 'unheard' }
  /** The server wants no more of it: the consumer is gone, its leader has moved, or the request breaks its limits. */
  | { readonly type: 'refused'; readonly reason: string; readonly undelivered: number | undefined };

/** Just enough of a headers block: its status and single values. */
export interface StatusBlock {
  readonly code: number;
  readonly description: string;
  readonly value: (name: string) => string | undefined;
}

/** Gives the status its meaning. */
export function pullStatus(block: StatusBlock): PullStatus {
  const { code, description } = block;
  const told = block.value('Nats-Pending-Messages');
  const undelivered = Number(told ?? 0);
  switch (code) {
    case 100: {
      const last = block.value('Nats-Last-Consumer');
      return { type: 'heartbeat', lastConsumerSeq: last === undefined ? undefined : Number(last) };
    }
    case 404:
    case 408:
      return { type: 'ended', undelivered };
    case 503:
      return { type: 'unheard' };
    default:
      if (/exceeds maxbytes/i.test(description)) return { type: 'too-large', undelivered };
      if (/batch completed/i.test(description)) return { type: 'ended', undelivered };
      return {
        type: 'refused',
        reason: description === '' ? `status ${code}` : description,
        undelivered: told === undefined ? undefined : undelivered,
      };
  }
}
