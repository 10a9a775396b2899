import { NatsxError, usageError } from '../../../core/errors.js';
import type { StreamInfo } from '../../model/stream-info.js';
import { checkExactSequences } from '../../model/sequence.js';
import { quoted } from '../../../core/printable.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { readStream } from '../api/jetstream-entities.js';
import { streamNames } from '../api/jetstream-names.js';

/** A stream, by its name or by a subject that it stores. */
export interface StreamChoice {
  readonly stream?: string | undefined;
  readonly filters: readonly string[];
}

/**
 * Looks up a stream.
 *
 * @throws {NatsxError} not-found — there is none; rejected — its sequences are too large; usage — the subject belongs to several; as JetStream's API
 */
export async function findStreamOf(api: JetStreamApi, choice: StreamChoice): Promise<StreamInfo> {
  const info = await lookUp(api, choice);
  checkExactSequences(info);
  return info;
}

async function lookUp(api: JetStreamApi, { stream, filters }: StreamChoice): Promise<StreamInfo> {
  if (stream !== undefined) return readStream(api, stream);
  const [subject] = filters;
  if (subject === undefined) {
    throw usageError('no stream or subject is given', 'name one with --stream');
  }
  const names = await streamNames(api, subject);
  const [only, ...more] = names;
  if (only === undefined) {
    throw new NatsxError('not-found', `no stream stores ${quoted(subject)}`, {
      hint: 'natsx stream ls lists the streams; natsx stream create creates one',
      details: { subject },
    });
  }
  if (more.length > 0) {
    throw usageError(
      `${names.length} streams store ${quoted(subject)}: ${names.slice(0, 5).join(', ')}`,
      'choose one with --stream',
    );
  }
  return readStream(api, only);
}
