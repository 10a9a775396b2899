import type { NatsConnection } from '@nats-io/transport-node';

/** Under this prefix JetStream's API answers as `$JS.API` does, after it has answered with the errors that were wanted. */
export const FIRST = 'FIRST';

/**
 * Puts these errors before JetStream's own answers to an action, such as `STREAM.CREATE`, under the prefix `FIRST`, in the
 * account of this connection.
 */
export function answersFirst(
  connection: NatsConnection,
  action: string,
  errors: readonly object[],
): Promise<void> {
  const left = [...errors];
  connection.subscribe(`${FIRST}.>`, {
    callback: (_, { subject, data, reply = '' }) => {
      const error = subject.startsWith(`${FIRST}.${action}`) ? left.shift() : undefined;
      if (error !== undefined) connection.publish(reply, JSON.stringify({ error }));
      else connection.publish(subject.replace(FIRST, '$JS.API'), data, { reply });
    },
  });
  return connection.flush();
}

/** The answer to the making of a stream whose folder was being removed at that moment. */
export const noFolder = {
  code: 500,
  err_code: 10049,
  description: 'error creating store for stream',
};
