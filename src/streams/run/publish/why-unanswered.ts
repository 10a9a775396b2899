import { NatsxError } from '../../../core/errors.js';
import { unansweredReason, type Unanswered } from '../../model/unanswered-reason.js';
import { findStream } from '../api/jetstream-entities.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { streamNames } from '../api/jetstream-names.js';
import { unanswered } from './loss-errors.js';

/**
 * Adds the reason to an error about a missing answer. Never rejects.
 *
 * @param error returned unchanged if it is about something else
 */
export async function explainUnanswered(api: JetStreamApi, error: NatsxError): Promise<NatsxError> {
  const missing = unanswered(error);
  if (missing === undefined) return error;
  const { kind, message, details } = error;
  const found = await look(api, missing.subject);
  const { reason, hint } = unansweredReason(found, missing.waitedMs);
  return new NatsxError(kind, `${message}: ${reason}`, { hint, details });
}

async function look(api: JetStreamApi, subject: string): Promise<Unanswered> {
  try {
    const [name] = await streamNames(api, subject);
    return name === undefined ? { type: 'no-stream' } : await lookAt(api, name);
  } catch (error) {
    return { type: 'unknown', why: wordsOf(error) };
  }
}

async function lookAt(api: JetStreamApi, name: string): Promise<Unanswered> {
  try {
    const info = await findStream(api, name);
    if (info === undefined) return { type: 'no-stream' };
    return {
      type: 'stream',
      info,
      nowMs: info.ts === undefined ? Date.now() : Date.parse(info.ts),
    };
  } catch (error) {
    return { type: 'unread-stream', name, why: wordsOf(error) };
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
