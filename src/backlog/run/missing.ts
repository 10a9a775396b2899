import { agree, plural } from '../../core/wording.js';
import type { Missing } from '../../streams/model/snapshot.js';

export const CONNECTIONS_DENIED: Missing = {
  kind: 'connections',
  what: 'connections',
  why: 'denied',
  detail:
    'no server answers on $SYS.REQ.ACCOUNT.PING.CONNZ, so clients cannot be named; this needs permission to publish there',
};

/** Of many thousands of connections, only those with the most unsent bytes are read. */
export function connectionsUnread(unread: number | undefined): readonly Missing[] {
  if (unread === undefined) return [];
  const detail = `${plural(unread, 'more connection')} ${agree(unread, 'was', 'were')} not read; those with the most unsent bytes were`;
  return [
    {
      kind: 'some-connections',
      what: 'some connections',
      why: 'unsupported',
      detail,
      isBeside: true,
    },
  ];
}

/** Listed if connections are what the command is about. */
export const CLOSED_UNSEEN: Missing = {
  kind: 'some-connections',
  what: 'closed connections',
  why: 'unsupported',
  detail:
    'servers do not report closed connections to users of the default account; --system-context or --monitor shows the clients that were disconnected',
};

/** A JetStream of another domain or account answers requests, but natsx does not listen to its advisories. */
export function outOfReach(prefix: string, listens: boolean): readonly Missing[] {
  const where = `JetStream under ${prefix} belongs to another domain or account`;
  const clients: Missing = {
    kind: 'clients',
    what: 'clients',
    why: 'unsupported',
    detail: `${where}: its clients are not visible from here; connect to one of its servers`,
    isBeside: true,
  };
  if (!listens) return [clients];
  const advisories: Missing = {
    kind: 'advisories',
    what: 'advisories',
    why: 'unsupported',
    detail: `${where}: naks, given-up messages, acknowledgements and pull requests are not visible from here; connect to one of its servers`,
    isBeside: true,
  };
  return [advisories, clients];
}

/** Listening was not permitted; naks and redeliveries are bounded by counts instead. */
export function unheard(denied: readonly string[]): readonly Missing[] {
  const [subject, ...more] = denied;
  if (subject === undefined) return [];
  const others = more.length === 0 ? '' : ` and ${String(more.length)} more`;
  const detail = `naks and given-up messages are not visible one by one; this needs permission to subscribe to ${subject}${others}`;
  return [{ kind: 'advisories', what: 'advisories', why: 'denied', detail }];
}

/** The clients of a consumer that was given by name. */
export function unnamed(denied: string | undefined): readonly Missing[] {
  if (denied === undefined) return [];
  const detail = `clients that pull cannot be named; this needs permission to subscribe to ${denied}`;
  return [{ kind: 'clients', what: 'clients', why: 'denied', detail }];
}

/** Streams whose messages could not be read, so ages are estimated. */
export function unreadableMessages(
  streams: Iterable<string>,
  apiPrefix: string,
  denied: ReadonlySet<string>,
): readonly Missing[] {
  return [...streams].flatMap((stream): readonly Missing[] => {
    const subject = `${apiPrefix}.STREAM.MSG.GET.${stream}`;
    if (!denied.has(subject)) return [];
    const detail = `ages are estimated; this needs permission to publish to ${subject}`;
    return [{ kind: 'messages', what: `messages of ${stream}`, why: 'denied', detail, stream }];
  });
}
