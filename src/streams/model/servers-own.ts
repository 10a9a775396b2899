import { NatsxError } from '../../core/errors.js';
import type { ConsumerConfig } from './consumer-info.js';
import { isJsonObject } from '../../core/message/exact-json.js';

/** A consumer that a server created for itself, to feed a mirror or a stream with sources (2.14 and newer). */
export interface ServersOwn {
  /** The stream that it feeds, if the server says so. */
  readonly stream?: string | undefined;
  readonly account?: string | undefined;
}

/** What marks such a consumer. */
export interface ConsumerMarks {
  readonly name: string;
  readonly ackPolicy?: unknown;
  readonly metadata: Readonly<Record<string, string>>;
  readonly sourcing?: unknown;
}

const NAMES = /^JS_(SRC|MIRROR)_/;
const MARKS = ['_nats.src.', '_nats.mirror.'];

/** Undefined for a consumer of a client. Changing an internal consumer breaks the stream that it feeds. */
export function serversOwnOf(consumer: ConsumerMarks): ServersOwn | undefined {
  const { name, ackPolicy, metadata, sourcing } = consumer;
  const marked = Object.keys(metadata).some((key) => MARKS.some((mark) => key.startsWith(mark)));
  const named = ackPolicy === 'flow_control' || sourcing === true || NAMES.test(name);
  if (!marked && !named) return undefined;
  return {
    stream: metadata['_nats.src.stream'] ?? metadata['_nats.mirror.stream'],
    account: metadata['_nats.src.acc'] ?? metadata['_nats.mirror.acc'],
  };
}

/** @throws {NatsxError} rejected — the consumer is internal to the server */
export function rejectServersOwn(
  target: { readonly stream: string; readonly consumer: string },
  config: ConsumerConfig,
): void {
  const own = serversOwnOf({
    name: target.consumer,
    ackPolicy: config.ack_policy,
    metadata: isJsonObject(config.metadata) ? config.metadata : {},
    sourcing: config['sourcing'],
  });
  if (own === undefined) return;
  const where = own.stream === undefined ? 'another stream' : `the stream "${own.stream}"`;
  throw new NatsxError(
    'rejected',
    `the consumer "${target.consumer}" of "${target.stream}" is internal to the server: it feeds ${where}`,
    { hint: `change or remove ${where} instead; the server adapts the consumer` },
  );
}
