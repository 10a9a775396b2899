import type { Missing } from '../../streams/model/snapshot.js';

export const CONNECTIONS_DENIED: Missing = {
  what: 'connections',
  why: 'denied',
  detail:
    'no server answers on $SYS.REQ.ACCOUNT.PING.CONNZ: clients cannot be named; it needs permission to publish there',
};

/** Of many thousands of connections only those with the most unsent bytes are read. */
export function connectionsUnread(unread: number | undefined): readonly Missing[] {
  if (unread === undefined) return [];
  const detail = `${String(unread)} connections more than are read were not looked at; those with the most unsent bytes were`;
  return [{ what: 'some connections', why: 'unsupported', detail, isBeside: true }];
}

/** Said where connections are what is looked at. */
export const CLOSED_UNSEEN: Missing = {
  what: 'closed connections',
  why: 'unsupported',
  detail:
    'a server tells users of the default account nothing of closed connections: those that it cut off are seen with --system-context or --monitor',
};

/** Another domain's or account's JetStream answers requests; nothing of it is listened to. */
export function outOfReach(prefix: string, listens: boolean): readonly Missing[] {
  const where = `the JetStream under ${prefix} belongs to another domain or account`;
  const clients: Missing = {
    what: 'clients',
    why: 'unsupported',
    detail: `${where}: its clients are not seen from here; connect to a server of it`,
    isBeside: true,
  };
  if (!listens) return [clients];
  const advisories: Missing = {
    what: 'advisories',
    why: 'unsupported',
    detail: `${where}: refused and given-up messages, acknowledgements and pull requests are not seen one by one from here; connect to a server of it`,
    isBeside: true,
  };
  return [advisories, clients];
}

/** Listening was refused; refusals and redeliveries that nobody sees are bounded by counts instead. */
export function unheard(denied: readonly string[]): readonly Missing[] {
  const [subject, ...more] = denied;
  if (subject === undefined) return [];
  const others = more.length === 0 ? '' : ` and ${String(more.length)} more`;
  const detail = `refused and given-up messages are not seen one by one; it needs permission to subscribe to ${subject}${others}`;
  return [{ what: 'advisories', why: 'denied', detail }];
}

/** The clients of a consumer that was named. */
export function unnamed(denied: string | undefined): readonly Missing[] {
  if (denied === undefined) return [];
  const detail = `clients that pull are not named; it needs permission to subscribe to ${denied}`;
  return [{ what: 'clients', why: 'denied', detail }];
}

/** Ages of these streams are estimated between the stream's ends. */
export function unreadableMessages(denied: ReadonlySet<string>): readonly Missing[] {
  return [...denied].flatMap((subject): readonly Missing[] => {
    const stream = /\.STREAM\.MSG\.GET\.(.+)$/.exec(subject)?.[1];
    if (stream === undefined) return [];
    const detail = `ages are estimated; it needs permission to publish to ${subject}`;
    return [{ what: `messages of ${stream}`, why: 'denied', detail }];
  });
}
