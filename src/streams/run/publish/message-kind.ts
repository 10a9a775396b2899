import { MESSAGE_ID } from '../../../core/message/publish-headers.js';
import type { OutgoingMessage } from '../../../core/message/message.js';
import type { PublishFrame, ReplySubject } from '../../../wire/frame-buffer.js';
import type { ServerInfo } from '../../../wire/server-info.js';
import { FrameMaker } from '../../../messaging/run/message-frame.js';

/** How a publisher handles its messages. */
export interface MessageKind<M> {
  subject(message: M): string;
  /** Bytes that are held as long as the message may be sent again. */
  heldBytes(message: M): number;
  /** Whether a stream recognizes it when it is sent again. */
  hasId(message: M): boolean;
  /** Valid until the next call. @throws {NatsxError} usage, rejected — it cannot be sent */
  frame(message: M, server: ServerInfo | undefined, reply: ReplySubject): PublishFrame;
}

/** Messages as everybody has them. */
export function ordinaryMessages(): MessageKind<OutgoingMessage> {
  const frames = new FrameMaker();
  return {
    subject: ({ subject }) => subject,
    heldBytes: ({ payload }) => payload.length,
    hasId: ({ headers }) => headers?.has(MESSAGE_ID) === true,
    frame: (message, server, reply) => frames.frame(message, server, reply),
  };
}
