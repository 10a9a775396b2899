import { NatsxError } from '../../core/errors.js';

/** A message that a stream acknowledges as a repeat was not stored: it has no part in a rate of writing. */
export function storedBefore(): NatsxError {
  return new NatsxError(
    'rejected',
    'the server took a message for a repeat and did not store it: its Nats-Msg-Id has come before',
    { hint: 'leave the header Nats-Msg-Id out: all messages of a run have the same headers' },
  );
}
