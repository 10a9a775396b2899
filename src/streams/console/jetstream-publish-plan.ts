import { mergeHeaders } from '../../core/message/edit-headers.js';
import { hash } from 'node:crypto';
import { resolve } from 'node:path';

import { usageError } from '../../core/errors.js';
import { expectationHeaders } from '../../core/message/publish-headers.js';
import type { MessageHeaders, OutgoingMessage } from '../../core/message/message.js';
import type { IdEnvironment, MessageIdOf } from '../../core/message/message-id.js';
import { idByTemplate, idFault, idFrom, withMessageId } from '../../core/message/message-id.js';
import { FailedFile } from './failed-file.js';
import type { JetStreamPublishFlagValues } from '../flags/jetstream-publish-flags.js';
import { MOST_IN_BATCH, tooManyForBatch } from '../model/batch-needs.js';
import { scheduleHeaders, type NewSchedule } from '../model/message-schedule.js';
import { scheduleIn } from '../flags/schedule-flags.js';
import { publishWindow } from '../flags/jetstream-publish-flags.js';
import { templateEnvironment } from '../../messaging/flags/message-flags.js';
import type { MessageBatches } from '../../messaging/console/message-source.js';
import type { PublishPlan } from '../../messaging/console/publish-plan.js';

/** Long enough for a server to restart, or for a cluster to elect a leader. */
const DEFAULT_ENDURANCE_MS = 30_000;

/** Each message for itself, or all of them in a batch. */
export type PublishWay = 'single' | 'atomic' | 'fast';

/** What to publish to streams, and how. */
export interface JetStreamPublishPlan extends PublishPlan {
  readonly window: number;
  readonly retryForMs: number | undefined;
  readonly keepGoing: boolean;
  readonly readToEnd: boolean;
  readonly ttl: string | undefined;
  readonly schedule: NewSchedule | undefined;
  readonly publish: PublishWay;
  /** How long to wait for a lost connection. */
  readonly enduranceMs: number;
  readonly failedFile: FailedFile | undefined;
  readonly printsAcks: boolean;
}

/**
 * The plan, with the flags for streams applied.
 *
 * @param inputFile the file with the messages, if they are read from one
 * @throws {NatsxError} usage
 */
export function jetStreamPublishPlan(
  plan: PublishPlan,
  flags: JetStreamPublishFlagValues,
  inputFile: string | undefined,
): JetStreamPublishPlan {
  const isMany = plan.goal !== 1;
  if (flags.atomic === true && (plan.goal ?? 0) > MOST_IN_BATCH) throw tooManyForBatch();
  if (isMany) rejectForMany(flags);
  const { failed, ttl, 'retry-for': retryForMs } = flags;
  if (failed !== undefined && inputFile !== undefined && resolve(failed) === resolve(inputFile)) {
    throw usageError('--failed and --file name the same file', 'use another file for --failed');
  }
  const failedFile = failed === undefined ? undefined : new FailedFile(failed);
  const schedule = scheduleIn(flags);
  return {
    ...plan,
    source: addressed(plan.source, headersFor(flags, schedule), idFor(flags, isMany)),
    window: publishWindow(flags),
    retryForMs,
    keepGoing: flags['keep-going'] === true,
    readToEnd: failedFile !== undefined,
    ttl,
    schedule,
    publish: flags.atomic === true ? 'atomic' : flags.batch === 'fast' ? 'fast' : 'single',
    enduranceMs: retryForMs ?? DEFAULT_ENDURANCE_MS,
    failedFile,
    printsAcks: flags.ack === 'json',
  };
}

function rejectForMany(flags: JetStreamPublishFlagValues): void {
  const single = ['expect-last-seq', 'expect-last-subject-seq', 'expect-last-msg-id'] as const;
  const given = single.find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  throw usageError(
    `--${given} applies to a single message, but several may be published`,
    'with --jsonl each line can have its own headers, such as Nats-Expected-Last-Sequence',
  );
}

function headersFor(
  flags: JetStreamPublishFlagValues,
  schedule: NewSchedule | undefined,
): MessageHeaders {
  const expected = expectationHeaders({
    stream: flags['expect-stream'],
    lastSequence: flags['expect-last-seq'],
    lastSubjectSequence: flags['expect-last-subject-seq'],
    lastMessageId: flags['expect-last-msg-id'],
    ttl: flags.ttl,
  });
  return schedule === undefined ? expected : new Map([...expected, ...scheduleHeaders(schedule)]);
}

function idFor(flags: JetStreamPublishFlagValues, isMany: boolean): MessageIdOf | undefined {
  const environment: IdEnvironment = {
    template: templateEnvironment,
    digest: (bytes) => hash('sha256', bytes, 'base64url'),
  };
  const { 'msg-id': template, 'msg-id-from': from } = flags;
  if (template !== undefined) return idByTemplate(template, environment, isMany);
  return from === undefined ? undefined : idFrom(from, environment);
}

/** Adds the headers for the stream; messages before one that cannot get an id are still sent. */
function addressed(
  source: MessageBatches,
  headers: MessageHeaders,
  idOf: MessageIdOf | undefined,
): MessageBatches {
  if (headers.size === 0 && idOf === undefined) return source;
  return async function* (signal) {
    const merge = headersMerger(headers);
    let number = 0;
    for await (const batch of source(signal)) {
      const messages: OutgoingMessage[] = [];
      try {
        for (const message of batch) {
          const merged = merge(message);
          messages.push(
            idOf === undefined ? merged : withMessageId(merged, idOf(message, ++number)),
          );
        }
      } catch (error) {
        yield messages;
        throw idFault(error, number);
      }
      yield messages;
    }
  };
}

/** The same headers object gives the same merged object, so that it is encoded only once. */
function headersMerger(added: MessageHeaders): (message: OutgoingMessage) => OutgoingMessage {
  if (added.size === 0) return (message) => message;
  let own: MessageHeaders | undefined;
  let merged: MessageHeaders = added;
  return (message) => {
    if (message.headers !== own) {
      own = message.headers;
      merged = mergeHeaders(own, added);
    }
    return { ...message, headers: merged };
  };
}
