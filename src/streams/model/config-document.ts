import { usageError } from '../../core/errors.js';
import type { JsonObject, JsonValue } from '../../core/message/exact-json.js';
import { parseConsumerName, parseStreamName } from '../../core/entity-name.js';
import { unwrapConfig } from './stream-config.js';
import { isJsonObject } from '../../core/message/exact-json.js';

/** The configuration of one stream or consumer in a file. */
export interface ConfigDocument {
  readonly name: string;
  /** Of a consumer. */
  readonly stream?: string | undefined;
  readonly file: JsonObject;
}

/**
 * The streams in a file: one, or a list.
 *
 * @param what for error messages: `stdin`, `the file "x"`
 * @throws usage — one without a name, or not an object
 */
export function streamDocuments(value: JsonValue, what: string): readonly ConfigDocument[] {
  return objectsOf(value, what).map((file, index) => {
    const name = textOf(unwrapConfig(file)['name']);
    if (name === undefined) throw missing('name of the stream', '"name"', { what, index });
    return { name: parseStreamName(name), file };
  });
}

/**
 * The consumers in a file: one, or a list.
 *
 * @param stream the stream of all of them, if it is given
 * @throws usage — one without a name or a stream, or not an object
 */
export function consumerDocuments(
  value: JsonValue,
  what: string,
  stream: string | undefined,
): readonly ConfigDocument[] {
  return objectsOf(value, what).map((object, index) => {
    const { stream_name: named, ...file } = object;
    const config = unwrapConfig(file);
    const name = textOf(config['durable_name']) ?? textOf(config['name']);
    if (name === undefined) throw missing('name of the consumer', '"name"', { what, index });
    const target = stream ?? textOf(named);
    if (target === undefined)
      throw missing('stream of the consumer', '"stream_name", or give --stream', { what, index });
    return { name: parseConsumerName(name), stream: parseStreamName(target), file };
  });
}

function objectsOf(value: JsonValue, what: string): readonly JsonObject[] {
  const list: readonly JsonValue[] = Array.isArray(value)
    ? (value as readonly JsonValue[])
    : [value];
  if (list.length === 0) throw usageError(`${what} is an empty list`);
  return list.map((one) => {
    if (isJsonObject(one)) return one;
    throw usageError(
      `${what} is not a configuration: it is not a JSON object, or a list of objects`,
      'natsx stream info NAME --json prints one',
    );
  });
}

function missing(
  missed: string,
  where: string,
  { what, index }: { readonly what: string; readonly index: number },
): Error {
  return usageError(
    `the ${missed} is missing in configuration ${index + 1} of ${what}`,
    `add ${where}`,
  );
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
