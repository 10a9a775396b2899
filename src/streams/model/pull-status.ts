/** The meaning of a status message, which a server sends for a pull request instead of a message. */
export type PullStatus =
  | { readonly type: 'heartbeat'; readonly lastConsumerSeq: number | undefined }
  /** The request has ended normally; `undelivered`: requested messages that were not delivered. */
  | { readonly type: 'ended'; readonly undelivered: number }
  /** The next message is larger than the request allows. */
  | { readonly type: 'too-large'; readonly undelivered: number }
  /** No responders: there is no leader, or no consumer. */
  | { readonly type: 'unheard' }
  /** The server ended it: the consumer was removed, its leader changed, or the request exceeds its limits. */
  | { readonly type: 'refused'; readonly reason: string; readonly undelivered: number | undefined };

/** The parts of a headers block that are needed: its status and single values. */
export interface StatusBlock {
  readonly code: number;
  readonly description: string;
  readonly value: (name: string) => string | undefined;
}

/** Interprets a status message. */
export function pullStatus(block: StatusBlock): PullStatus {
  const { code, description } = block;
  const given = block.value('Nats-Pending-Messages');
  const undelivered = Number(given ?? 0);
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
        undelivered: given === undefined ? undefined : undelivered,
      };
  }
}
