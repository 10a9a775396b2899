import type { NatsxError } from '../../../core/errors.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import type { PublishFate } from '../../model/publish-fate.js';
import { MESSAGE_ID } from '../../../core/message/publish-headers.js';
import type { OutgoingMessage } from '../../../core/message/message.js';
import { FrameMaker } from '../../../messaging/run/message-frame.js';
import type { Session, SessionEvent } from '../../../wire/session.js';
import { openPatientSession, type SessionTarget } from '../../../wire/open-session.js';
import { SessionJetStream } from '../manage/session-jetstream.js';
import type { Inquire, MessageEncoding } from './publisher-options.js';
import { StreamLookup } from './stream-lookup.js';
import { StreamPublisher } from './stream-publisher.js';
import { explainUnanswered } from './why-unanswered.js';

export interface PublisherLinkOptions {
  readonly scope: JetStreamScope;
  readonly window: number;
  readonly retryForMs: number | undefined;
  readonly inquire?: Inquire<OutgoingMessage> | undefined;
  readonly onSettled: (number: number, message: OutgoingMessage, fate: PublishFate) => void;
  /** The connection is lost for good, or publishing is not permitted. */
  readonly onEnd: (error: NatsxError) => void;
}

/** A connection with a publisher to streams, which gets the events of the connection. */
export class PublisherLink {
  readonly session: Session;
  readonly publisher: StreamPublisher;
  readonly #options: PublisherLinkOptions;
  readonly #inboxPrefix: string;
  #api: SessionJetStream | undefined;
  #lookup: StreamLookup | undefined;
  #mayAsk = true;

  private constructor(session: Session, inboxPrefix: string, options: PublisherLinkOptions) {
    this.session = session;
    this.#inboxPrefix = inboxPrefix;
    this.#options = options;
    const { window, retryForMs, inquire, onSettled, scope } = options;
    this.publisher = new StreamPublisher(session, plainMessages(), {
      inboxPrefix,
      window,
      timeoutMs: scope.timeoutMs,
      retryForMs,
      inquire,
      lookup: () => this.lookup,
      onSettled,
    });
    void session.closed.then((error) => {
      if (error !== undefined) options.onEnd(error);
    });
  }

  /** Connects. @throws {NatsxError} connection, auth */
  static async open(
    target: SessionTarget,
    options: PublisherLinkOptions,
    signal: AbortSignal,
  ): Promise<PublisherLink> {
    const opened: { link?: PublisherLink } = {};
    const onEvent = (event: SessionEvent): void => opened.link?.happened(event);
    const session = await openPatientSession(target, signal, onEvent);
    opened.link = new PublisherLink(session, target.dial.inboxPrefix, options);
    return opened.link;
  }

  /** JetStream's API over the same connection. */
  get api(): SessionJetStream {
    return (this.#api ??= new SessionJetStream(
      this.session,
      this.#options.scope,
      this.#inboxPrefix,
    ));
  }

  /** Facts about streams. */
  get lookup(): StreamLookup {
    return (this.#lookup ??= this.#newLookup());
  }

  /** Adds the reason to an error about a missing answer; others are returned as they are. Never rejects. */
  async explained(error: NatsxError): Promise<NatsxError> {
    return this.session.connected ? explainUnanswered(this.api, error) : error;
  }

  happened(event: SessionEvent): void {
    if (event.type === 'disconnected') this.publisher.disconnected();
    else if (event.type === 'reconnected') this.publisher.reconnected();
    else if (event.type === 'async-error') this.#refused(event.error);
  }

  async close(): Promise<void> {
    this.publisher.close();
    await this.session.close();
  }

  #newLookup(): StreamLookup {
    const lookup = new StreamLookup(this.api);
    if (!this.#mayAsk) lookup.deny();
    return lookup;
  }

  /** A user without permission for JetStream's API may still publish. */
  #refused(error: NatsxError): void {
    const subject = error.details?.['subject'];
    const { apiPrefix } = this.#options.scope;
    if (typeof subject !== 'string' || !subject.startsWith(`${apiPrefix}.`)) {
      this.#options.onEnd(error);
      return;
    }
    this.#mayAsk = false;
    this.#lookup?.deny();
    this.#api?.fail(error);
  }
}

/** Messages that are kept whole until they are settled. */
function plainMessages(): MessageEncoding<OutgoingMessage> {
  const frames = new FrameMaker();
  return {
    subject: ({ subject }) => subject,
    heldBytes: ({ payload }) => payload.length,
    hasId: ({ headers }) => headers?.has(MESSAGE_ID) === true,
    frame: (message, server, reply) => frames.frame(message, server, reply),
  };
}
