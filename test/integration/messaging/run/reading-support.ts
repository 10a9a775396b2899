import type { ConnectionEvent } from '../../../../src/connection/model/connection-policy.js';
import type { MessageInPlace } from '../../../../src/core/message/message-in-place.js';
import type { MessageSink, Taken } from '../../../../src/core/message/reading.js';
import type { SessionTarget } from '../../../../src/wire/open-session.js';
import { callback, dialTo } from '../../wire/dialled.js';

/** Where to subscribe, and what happened to the connection meanwhile. */
export function targetOf(
  url: string,
  differing: Partial<SessionTarget['policy']> = {},
): SessionTarget & { readonly events: ConnectionEvent[] } {
  const events: ConnectionEvent[] = [];
  return {
    dial: dialTo(url),
    version: '0.0.0',
    policy: {
      waitForServerMs: 0,
      giveUpAfterMs: undefined,
      onEvent: (event) => events.push(event),
      ...differing,
    },
    events,
  };
}

export interface Seen {
  readonly subject: string;
  readonly payload: string;
  readonly count: number;
  readonly member: string | undefined;
}

export interface CollectingSink extends MessageSink {
  readonly seen: Seen[];
  readonly stands: Promise<void>;
}

/** Keeps what it gets. `answer` decides what is said about each message. */
export function collectingSink(answer: (message: Seen) => Taken = () => 'taken'): CollectingSink {
  const seen: Seen[] = [];
  const { happened, happen } = callback<undefined>();
  return {
    seen,
    stands: happened,
    subscribed: () => happen(undefined),
    message: (message: MessageInPlace, count, member) => {
      const { subject, buffer, payloadStart, payloadEnd } = message;
      const payload = buffer.toString('utf8', payloadStart, payloadEnd);
      const one = { subject, payload, count, member };
      const taken = answer(one);
      if (taken !== 'dropped') seen.push(one);
      return taken;
    },
    ready: () => Promise.resolve(),
  };
}
