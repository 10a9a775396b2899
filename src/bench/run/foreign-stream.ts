import type { BenchPlan } from '../model/plan.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { patternCovers } from '../../core/subject/subject-match.js';
import { SCENARIOS } from '../model/scenario.js';
import { subscriptionOf } from './frame-block.js';
import type { ApiReply } from './jetstream-api.js';

/** What is asked for of a stream that was there before. */
export interface ForeignUse {
  readonly plan: BenchPlan;
  /** Whether it may be written into, or emptied. */
  readonly useExisting: boolean;
}

/**
 * Checks that a run may use a stream that is not its own, and that it is of use to it.
 * @throws {NatsxError} rejected, not-found, usage
 */
export function checkForeignStream(stream: string, info: ApiReply, use: ForeignUse): void {
  switch (SCENARIOS[use.plan.scenario].stream) {
    case 'write':
      checkWriting(stream, info, use);
      return;
    case 'consume':
      checkConsuming(stream, info, use);
      return;
    case 'get':
      checkGetting(stream, info);
      return;
    case undefined:
      return;
  }
}

function checkWriting(
  stream: string,
  { config }: ApiReply,
  { plan, useExisting }: ForeignUse,
): void {
  if (!useExisting) {
    throw new NatsxError(
      'rejected',
      `the stream ${stream} exists already: a benchmark would write into it`,
      {
        hint: 'name no stream to get an own one that is removed afterwards, or add --use-existing',
      },
    );
  }
  const stored = config?.subjects ?? [];
  if (stored.some((pattern) => patternCovers(pattern, subscriptionOf(plan)))) return;
  const patterns = stored.length === 0 ? 'no subject of its own' : stored.join(', ');
  throw usageError(
    `the stream ${stream} does not store ${subscriptionOf(plan)}: it stores ${patterns}`,
    `name a subject that it stores: natsx bench js-pub SUBJECT --stream ${stream} --use-existing`,
  );
}

function checkConsuming(stream: string, { config }: ApiReply, { useExisting }: ForeignUse): void {
  const retention = config?.retention ?? 'limits';
  if (retention === 'limits' || useExisting) return;
  throw new NatsxError(
    'rejected',
    `the stream ${stream} removes messages that were acknowledged (retention ${retention}): a benchmark would take them from others`,
    { hint: 'name no stream to read an own one, or add --use-existing' },
  );
}

function checkGetting(stream: string, { config, state }: ApiReply): void {
  if (config?.allow_direct !== true) {
    throw new NatsxError('rejected', `the stream ${stream} does not allow direct gets`, {
      hint: `allow them with natsx stream edit ${stream} --allow-direct --yes, or name no stream to read an own one`,
    });
  }
  if (state?.messages === 0) {
    throw new NatsxError('not-found', `the stream ${stream} is empty: there is nothing to read`);
  }
}
