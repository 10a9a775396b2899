/** What a server says about a pull request in place of a message. */
export type PullStatus =
  | { readonly type: 'heartbeat'; readonly lastConsumerSeq: number | undefined }
  /** The request has ended; so many of its messages were not delivered. */
  | { readonly type: 'ended'; readonly undelivered: number }
  /** The next message alone is larger than what the request allows. */
  | { readonly type: 'too-large'; readonly undelivered: number }
  /** The consumer does not exist any more, or its leader has moved. */
  | { readonly type: 'gone'; readonly reason: string };

/** Just enough of a headers block: its status and single values. */
export interface StatusBlock {
  readonly code: number;
  readonly description: string;
  readonly value: (name: string) => string | undefined;
}

/** Gives the status its meaning. */
export function pullStatus(block: StatusBlock): PullStatus {
  const { code, description } = block;
  const undelivered = Number(block.value('Nats-Pending-Messages') ?? 0);
  switch (code) {
    case 100: {
      const last = block.value('Nats-Last-Consumer');
      return { type: 'heartbeat', lastConsumerSeq: last === undefined ? undefined : Number(last) };
    }
    case 404:
    case 408:
      return { type: 'ended', undelivered };
    case 409:
      if (/exceeds maxbytes/i.test(description)) return { type: 'too-large', undelivered };
      if (/batch completed/i.test(description)) return { type: 'ended', undelivered };
      return { type: 'gone', reason: description };
    default:
      return { type: 'gone', reason: code === 503 ? 'nobody answers for it' : description };
  }
}
