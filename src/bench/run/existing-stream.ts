import { BATCH_NEEDS } from '../../streams/model/batch-needs.js';
import { batchModeOf } from '../model/plan.js';
import type { BenchPlan } from '../model/plan.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { patternCovers } from '../../core/subject/subject-match.js';
import { SCENARIOS } from '../model/scenario.js';
import { subscriptionOf } from './frame-block.js';
import type { StreamConfig, StreamInfo } from '../../streams/model/stream-info.js';

/** How a run would use an existing stream. */
export interface ExistingUse {
  readonly plan: BenchPlan;
  /** Whether it may be written to, or emptied. */
  readonly useExisting: boolean;
}

/**
 * Checks that a run may use an existing stream, and that the stream fits the run.
 * @throws {NatsxError} rejected, not-found, usage
 */
export function checkExistingStream(stream: string, info: StreamInfo, use: ExistingUse): void {
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
  { config }: StreamInfo,
  { plan, useExisting }: ExistingUse,
): void {
  if (!useExisting) {
    throw new NatsxError(
      'rejected',
      `the stream ${stream} already exists, and a benchmark would write into it`,
      {
        hint: 'leave out --stream to use a temporary one, or add --use-existing',
      },
    );
  }
  checkBatchAllowed(stream, config, plan);
  const stored = config.subjects ?? [];
  if (stored.some((pattern) => patternCovers(pattern, subscriptionOf(plan)))) return;
  const patterns = stored.length === 0 ? 'only the messages of other streams' : stored.join(', ');
  throw usageError(
    `the stream ${stream} does not store ${subscriptionOf(plan)}: it stores ${patterns}`,
    `give a subject that it stores: natsx bench js-pub SUBJECT --stream ${stream} --use-existing`,
  );
}

function checkBatchAllowed(stream: string, config: StreamConfig, plan: BenchPlan): void {
  const mode = batchModeOf(plan);
  if (mode === undefined || config[BATCH_NEEDS[mode].key] === true) return;
  throw new NatsxError('rejected', `the stream ${stream} does not allow ${mode} batches`, {
    hint: `allow them with natsx stream edit ${stream} ${BATCH_NEEDS[mode].flag} --yes, or leave out --stream to use a temporary one`,
  });
}

function checkConsuming(
  stream: string,
  { config }: StreamInfo,
  { useExisting }: ExistingUse,
): void {
  const retention = config.retention ?? 'limits';
  if (retention === 'limits' || useExisting) return;
  throw new NatsxError(
    'rejected',
    `the stream ${stream} removes acknowledged messages (retention ${retention}), and a benchmark would take them from other consumers`,
    { hint: 'leave out --stream to read a temporary one, or add --use-existing' },
  );
}

function checkGetting(stream: string, { config, state }: StreamInfo): void {
  if (config.allow_direct !== true) {
    throw new NatsxError('rejected', `the stream ${stream} does not allow direct gets`, {
      hint: `allow them with natsx stream edit ${stream} --allow-direct --yes, or leave out --stream to read a temporary one`,
    });
  }
  if (state.messages === 0) {
    throw new NatsxError('not-found', `the stream ${stream} is empty: there is nothing to read`);
  }
}
