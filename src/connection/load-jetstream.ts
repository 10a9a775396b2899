import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';

/** JetStream as an application sees it through the client, for load and nothing else. */
export interface LoadJetStream {
  /** @returns whether it was stored; a repeat is not */
  readonly publish: (
    subject: string,
    payload: Uint8Array,
    headers: MsgHdrs | undefined,
  ) => Promise<boolean>;
  /** @returns the payload's size in bytes; 0 when there is no such message */
  readonly directGet: (stream: string, sequence: number) => Promise<number>;
  readonly consume: (request: LoadConsume) => Promise<() => void>;
}

export interface LoadConsume {
  readonly stream: string;
  readonly consumer: string;
  readonly batch: number;
  readonly onMessage: (message: JsMsg) => void;
}

/** @param apiPrefix such as `$JS.API` */
export async function loadJetStream(
  connection: NatsConnection,
  apiPrefix: string,
  timeoutMs: number,
): Promise<LoadJetStream> {
  const options = { apiPrefix, timeout: timeoutMs };
  const js = jetstream(connection, options);
  const manager = await jetstreamManager(connection, { ...options, checkAPI: false });
  return {
    publish: async (subject, payload, headers) => {
      const { duplicate } = await js.publish(
        subject,
        payload,
        headers === undefined ? {} : { headers },
      );
      return !duplicate;
    },
    directGet: async (stream, sequence) => {
      const found = await manager.direct.getMessage(stream, { seq: sequence });
      return found?.data.length ?? 0;
    },
    consume: async ({ stream, consumer, batch, onMessage }) => {
      const pull = await js.consumers.get(stream, consumer);
      const { state } = await manager.streams.info(stream);
      // The client bounds messages or bytes, and not both; a server cuts off a client that leaves 64 MiB unread.
      const fitting = Math.floor((MOST_BYTES * state.messages) / Math.max(1, state.bytes));
      const messages: ConsumerMessages = await pull.consume({
        max_messages: Math.min(batch, Math.max(1, fitting)),
        callback: onMessage,
      });
      return () => messages.stop();
    },
  };
}

/** What may be on its way to one consumer. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Header values in the client's own form. */
export function clientHeaders(entries: readonly (readonly [string, string])[]): MsgHdrs {
  const made = headers();
  for (const [name, value] of entries) made.append(name, value);
  return made;
}
