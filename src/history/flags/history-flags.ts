import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import type { BacklogRequest } from '../../backlog/model/request.js';
import { usageError } from '../../core/errors.js';
import type { JetStreamScope } from '../../connection/model/api-scope.js';
import { parseMoment } from '../model/moment.js';
import {
  byteSizeFlag,
  durationFlag,
  positiveWaitFlag,
  rateFlag,
} from '../../terminal/flag-types.js';
import { formatByteSizeExact } from '../../core/values/byte-size.js';

/** The folder of a history. */
export const historyArg = {
  dir: Args.string({ description: 'folder of the history', required: true, ignoreStdin: true }),
} as const;

const USUAL_SIZE = 1024 ** 3;

/** How a history is recorded. */
export const historyFlags = {
  every: positiveWaitFlag({ default: 10_000, summary: 'how often to read' }),
  keep: durationFlag({
    default: 7 * 86_400_000,
    summary: 'remove readings that are older than this',
  }),
  'max-size': byteSizeFlag({
    default: USUAL_SIZE,
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    defaultHelp: async () => formatByteSizeExact(USUAL_SIZE),
    summary: 'remove the oldest readings when the history is larger than this',
  }),
  'max-rate': rateFlag({ summary: 'maximum requests per second' }),
} as const;

export interface HistoryChoice {
  readonly every: number;
  readonly 'max-rate'?: number | undefined;
}

/** The recorder reads the whole account; three readings make a window. */
export function recordedBacklog(flags: HistoryChoice, scope: JetStreamScope): BacklogRequest {
  return {
    windowMs: 2 * flags.every,
    taps: false,
    coreOnly: false,
    maxPerSecond: flags['max-rate'],
    scope,
  };
}

/** Everything that a history has; it needs no server. */
export const wholeAccount: BacklogRequest = {
  windowMs: 0,
  taps: false,
  coreOnly: false,
  scope: { apiPrefix: '', timeoutMs: 0 },
};

/** A part of a history. */
export const stretchFlags = {
  since: Flags.string({
    helpValue: '<time>',
    summary: 'start at this time: 03:10, RFC 3339, or how long ago',
  }),
  until: Flags.string({ helpValue: '<time>', summary: 'end at this time' }),
} as const;

/** @throws {NatsxError} usage — not a time, or the end is before the start */
export function stretchOf(
  { since, until }: { readonly since?: string | undefined; readonly until?: string | undefined },
  nowMs: number,
): { readonly fromMs: number | undefined; readonly toMs: number | undefined } {
  const moment = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : parseMoment(text, nowMs);
  const stretch = { fromMs: moment(since), toMs: moment(until) };
  if ((stretch.fromMs ?? -Infinity) > (stretch.toMs ?? Infinity)) {
    throw usageError('--until is before --since');
  }
  return stretch;
}

/** What only a look at the present can do. */
const LIVE_ONLY = ['watch', 'serve', 'taps', 'max-rate', 'window', 'system-context', 'monitor'];

/** A look at what a history has, instead of one at the servers. */
export const pastFlags = {
  from: Flags.string({
    helpValue: '<folder>',
    summary:
      'read a history that natsx history record has written, or that is in a bundle, without a server',
    helpGroup: 'HISTORY',
    exclusive: LIVE_ONLY,
  }),
  at: Flags.string({
    helpValue: '<time>',
    summary:
      'time to look at, with --from: 03:10, RFC 3339, or how long ago [default: the last reading]',
    helpGroup: 'HISTORY',
    dependsOn: ['from'],
  }),
} as const;
