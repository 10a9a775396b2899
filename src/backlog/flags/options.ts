import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { allSeverities } from '../model/all-severities.js';
import {
  parseFailCondition,
  failedConditions,
  failsOn,
  valueText,
} from '../model/fail-condition.js';
import type { BacklogReport } from '../model/report.js';
import type { BacklogRequest } from '../model/request.js';
import { ROW_ORDERS, type RowChoice } from '../model/rows.js';
import { deniedStreams } from '../../streams/model/api-failure.js';
import { looksLikePattern, meansAll, namePattern } from '../../streams/model/name-pattern.js';
import { parseConsumerName, parseStreamName } from '../../core/entity-name.js';
import { NatsxError, usageError } from '../../core/errors.js';
import type { JetStreamScope } from '../../connection/model/api-scope.js';
import { quoted } from '../../core/printable.js';
import type { Threshold } from '../../core/values/threshold.js';
import type { MissingKind } from '../../streams/model/snapshot.js';
import { countFlag, durationFlag, patternFlag, rateFlag } from '../../terminal/flag-types.js';
import { formatCount } from '../../core/wording.js';

/** How consumers are observed. */
export const observingFlags = {
  window: durationFlag({
    default: 4000,
    summary: 'how long to observe; use more for quiet streams',
    helpGroup: 'READING',
  }),
  taps: Flags.boolean({
    summary: 'also listen to acknowledgements and pull requests, up to 5,000 messages',
    helpGroup: 'READING',
  }),
  'max-rate': rateFlag({
    summary: 'maximum requests per second [default: 200 on a cluster]',
    helpGroup: 'READING',
  }),
} as const;

/** How a backlog is read; shared by all commands that read one. */
export const backlogReadingFlags = {
  ...observingFlags,
  subject: patternFlag({
    summary: 'only streams with a subject that matches',
    helpGroup: 'READING',
  }),
} as const;

/** What is shown of a report. */
export const showingFlags = {
  top: countFlag({ char: 'n', summary: 'show only the N worst consumers', helpGroup: 'OUTPUT' }),
  sort: Flags.option({
    options: ROW_ORDERS,
    default: 'severity' as const,
    helpValue: `<${ROW_ORDERS.join('|')}>`,
    summary: 'sort order',
    helpGroup: 'OUTPUT',
  })(),
  'only-unhealthy': Flags.boolean({ summary: 'hide healthy consumers', helpGroup: 'OUTPUT' }),
} as const;

/** When the exit code is 9. */
export const failingFlags = {
  'fail-on': Flags.option({
    options: ['warning', 'critical'] as const,
    helpValue: '<warning|critical>',
    summary: 'exit with 9 if any finding has this severity or worse',
    helpGroup: 'EXIT CODE',
  })(),
  'fail-if': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<comparison>',
    summary: "exit with 9 if a consumer meets this condition: 'backlog>10000', 'age>5m', 'eta>1h'",
    helpGroup: 'EXIT CODE',
  }),
} as const;

type ReadingFlags = InferredFlags<typeof backlogReadingFlags>;

export type ReadingChoice = Readonly<
  Pick<ReadingFlags, 'window' | 'taps'> &
    Partial<Pick<ReadingFlags, 'max-rate' | 'subject'>> & { core?: boolean }
>;

export interface TargetArgs {
  readonly stream?: string | undefined;
  readonly consumer?: string | undefined;
}

/** @throws {NatsxError} usage — a name that cannot be, or no regular expression */
export function backlogRequest(
  args: TargetArgs,
  flags: ReadingChoice,
  scope: JetStreamScope,
): BacklogRequest {
  rejectJoined(args);
  const stream = chosen(args.stream);
  const consumer = chosen(args.consumer);
  const base = {
    windowMs: flags.window,
    taps: flags.taps,
    coreOnly: flags.core === true,
    maxPerSecond: flags['max-rate'],
    subject: flags.subject,
    scope,
  };
  const byName = stream !== undefined && !looksLikePattern(stream);
  if (!byName) {
    return {
      ...base,
      streams: stream === undefined ? undefined : namePattern(stream),
      consumers: consumer === undefined ? undefined : namePattern(consumer),
    };
  }
  parseStreamName(stream);
  if (consumer === undefined || looksLikePattern(consumer))
    return {
      ...base,
      stream,
      consumers: consumer === undefined ? undefined : namePattern(consumer),
    };
  parseConsumerName(consumer);
  return { ...base, stream, consumer };
}

/** `*` is the same as no name. */
function chosen(text: string | undefined): string | undefined {
  return text === undefined || meansAll(text) ? undefined : text;
}

/** Metrics and logs write `ORDERS/billing`. */
function rejectJoined({ stream, consumer }: TargetArgs): void {
  const [, first, second] = /^([^/\s]+)\/([^/\s]+)$/.exec(stream ?? '') ?? [];
  if (first === undefined || second === undefined || consumer !== undefined) return;
  throw usageError(
    `there is no stream ${quoted(`${first}/${second}`)}: a name has no slash`,
    `a stream and its consumer are two words: did you mean ${first} ${second}?`,
  );
}

/**
 * An empty report because of missing permissions, or because nothing answered, is a failure.
 *
 * @throws {NatsxError} auth — no stream could be read for want of permission; timeout — nothing answered
 */
export function failIfRefused({ streams, missing }: BacklogReport): void {
  if (streams.some(({ sample }) => sample !== undefined)) return;
  const denied = deniedStreams(missing);
  if (denied !== undefined) throw denied;
  const silent = missing.find(({ kind, why }) => why === 'timeout' && kind === 'streams');
  if (silent !== undefined) throw new NatsxError('timeout', `nothing was read: ${silent.detail}`);
}

export type ShowingChoice = Readonly<InferredFlags<typeof showingFlags>>;

export function rowChoice(flags: ShowingChoice): RowChoice {
  return { order: flags.sort, top: flags.top, onlyUnhealthy: flags['only-unhealthy'] };
}

export type FailingChoice = Readonly<InferredFlags<typeof failingFlags>>;

export interface FailLimits {
  readonly level: 'warning' | 'critical' | undefined;
  readonly conditions: readonly Threshold[];
}

/** @throws {NatsxError} usage — no comparison */
export function failLimits(flags: FailingChoice): FailLimits {
  return { level: flags['fail-on'], conditions: (flags['fail-if'] ?? []).map(parseFailCondition) };
}

/** Warns callers who rely on the exit code about unknown results; undefined if there are none. */
export function doubtNotice(report: BacklogReport, { level }: FailLimits): string | undefined {
  if (level === undefined || failsOn(report, level)) return undefined;
  const doubts = allSeverities(report).filter((severity) => severity === 'unknown').length;
  if (doubts === 0 && report.complete) return undefined;
  const what =
    doubts === 0
      ? 'not everything could be read'
      : `${formatCount(doubts)} could not be determined`;
  return `${what}, which --fail-on does not count; natsx backlog check exits with 3 for that`;
}

/** Without these, no condition can be checked. */
const UNREAD: ReadonlySet<MissingKind> = new Set(['streams', 'stream', 'consumers']);

/**
 * Sets the exit code, after the report has been printed.
 *
 * @throws {NatsxError} unhealthy — naming the condition and the value
 */
export function failIfUnhealthy(report: BacklogReport, limits: FailLimits): void {
  const failed = failedConditions(report, limits.conditions);
  const first = failed.find(({ value }) => value !== undefined) ?? failed[0];
  if (first !== undefined) {
    const many = failed.length > 1 ? `, and ${String(failed.length - 1)} more` : '';
    const { condition, field, value, stream, consumer } = first;
    const amount =
      value === undefined
        ? `the ${field} is unknown, which counts as met`
        : `it is ${valueText(field, value)}`;
    throw new NatsxError('unhealthy', `${condition} for ${stream} ${consumer} (${amount})${many}`, {
      details: { condition, stream, consumer },
    });
  }
  const unread = report.missing.find(({ kind }) => UNREAD.has(kind));
  const [condition] = limits.conditions;
  if (condition !== undefined && unread !== undefined) {
    throw new NatsxError(
      'unhealthy',
      `${condition.text} is unknown because something could not be read (${unread.what}: ${unread.why}), which counts as met`,
      { details: { condition: condition.text, missing: unread.what } },
    );
  }
  if (limits.level !== undefined && failsOn(report, limits.level)) {
    throw new NatsxError('unhealthy', `something is ${limits.level} or worse`, {
      details: { level: limits.level },
    });
  }
}
