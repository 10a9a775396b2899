import type { MessageInPlace } from '../../core/message/message-in-place.js';
import { ReplyMatcher, type ReplyMatcherOptions } from './reply-matcher.js';
import type { SubscribeRequest } from './subscribe.js';

/**
 * The request to read `patterns` and the inboxes as well, so that requests are put together with their replies.
 *
 * @param accepts which requests are wanted
 */
export function matchRepliesRequest(
  patterns: readonly string[],
  options: ReplyMatcherOptions & Pick<SubscribeRequest, 'limits' | 'accepts'>,
): SubscribeRequest {
  const { limits, accepts } = options;
  const matcher = new ReplyMatcher(options);
  // A pattern such as > brings replies too; as messages of their own they would be told twice.
  const isRequest = (message: MessageInPlace): boolean =>
    !matcher.isReply(message) && (accepts === undefined || accepts(message));
  const inbox = {
    pattern: options.inboxPattern,
    onMessage: (message: MessageInPlace) => matcher.reply(message),
  };
  return {
    connections: [[inbox, ...patterns.map((pattern) => ({ pattern }))]],
    limits,
    accepts: isRequest,
    handling: matcher,
  };
}
