import { NatsxError } from '../errors.js';
import { isJsonObject } from '../values/json-object.js';
import type { ConsumerConfig } from './consumer-info.js';

/**
 * Whether the server made a consumer for itself, to feed a mirror or a stream with sources (2.14 and newer). Who changes
 * one breaks the other stream.
 */
function isServersOwn(config: ConsumerConfig): boolean {
  const metadata = isJsonObject(config.metadata) ? Object.keys(config.metadata) : [];
  return (
    config['sourcing'] === true ||
    metadata.some((key) => key.startsWith('_nats.src.') || key.startsWith('_nats.mirror.'))
  );
}

/** @throws {NatsxError} rejected — the consumer is the server's own */
export function rejectServersOwn(
  target: { readonly stream: string; readonly consumer: string },
  config: ConsumerConfig,
): void {
  if (!isServersOwn(config)) return;
  const { metadata = {} } = config;
  const fed = metadata['_nats.src.stream'] ?? metadata['_nats.mirror.stream'];
  const where = fed === undefined ? 'another stream' : `the stream "${fed}"`;
  throw new NatsxError(
    'rejected',
    `the consumer "${target.consumer}" of "${target.stream}" is the server's own: it feeds ${where}`,
    { hint: `change or remove ${where} instead; the server adapts the consumer` },
  );
}
