import { NatsxError } from '../../core/errors.js';
import type { PublishTotals } from './publish-ledger.js';
import { agree } from '../../core/wording.js';

/** The result of publishing; after a failure it still counts what was done before. */
export interface PublishResult extends PublishTotals {
  readonly durationMs: number;
  /** Why it ended early, or what the server refused. */
  readonly failure: NatsxError | undefined;
}

/** The failure to report at the end, if any, with the number of messages that it left behind. */
export function publishFailure(result: PublishResult): NatsxError | undefined {
  const { failure, sent, unconfirmed, confirmed, refused } = result;
  const details = { published: confirmed, unconfirmed, ...(refused > 0 && { refused }) };
  if (failure === undefined && unconfirmed === 0) return undefined;
  if (failure === undefined) {
    return new NatsxError(
      'connection',
      `the connection broke while publishing: ${confirmed} of ${sent} messages are confirmed, ` +
        `${unconfirmed} may or may not have arrived`,
      { hint: 'core NATS has no acknowledgements; --jetstream has', details },
    );
  }
  return new NatsxError(failure.kind, `${withoutStop(failure.message)}${soFar(result)}`, {
    hint: failure.hint,
    cause: failure.cause,
    details: { ...failure.details, ...details },
  });
}

function soFar({ sent, unconfirmed, confirmed, refused, failure }: PublishResult): string {
  // Nothing was tried, so there is nothing to count.
  if (sent === 0 || (failure?.kind === 'auth' && sent <= 1)) return '';
  const others = refused > 1 ? `, ${refused} were refused` : '';
  const published = `; ${confirmed} ${agree(confirmed, 'message was', 'messages were')} published before${others}`;
  if (unconfirmed === 0) return published;
  return `${published}, ${unconfirmed} may or may not have arrived`;
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
