import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { parseConsumerName } from '../../core/entity-name.js';
import { usageError } from '../../core/errors.js';
import type { ConsumerChoice } from '../../core/message/work.js';
import { durationFlag, positiveCountFlag, positiveWaitFlag } from '../../terminal/flag-types.js';
import { namesRange } from './stream-range.js';
import type { LiveFlagValues, StreamFlagValues } from './stream-flags.js';
import { LONGEST_TIMER_MS } from '../../core/values/duration.js';

const helpGroup = 'WORK';
const dependsOn = ['durable'];

/** What `sub` can do as a durable consumer. */
export const durableFlags = {
  durable: Flags.string({
    helpValue: '<consumer>',
    summary: 'work as this durable consumer of the stream, and acknowledge its messages',
    helpGroup,
  }),
  create: Flags.boolean({
    summary: 'create the consumer if it does not exist',
    dependsOn,
    helpGroup,
  }),
  ack: Flags.option({
    options: ['after-print', 'none', 'manual'] as const,
    helpValue: '<mode>',
    summary: 'acknowledge printed messages, none, or (manual) those that --command has handled',
    dependsOn,
    helpGroup,
  })(),
  command: Flags.string({
    helpValue: '<line>',
    summary: 'handle each message with this command; exit code 0 acknowledges it',
    dependsOn,
    helpGroup,
  }),
  'command-timeout': positiveWaitFlag({
    summary: 'time limit of the command for one message [default: none]',
    dependsOn: ['command'],
    helpGroup,
  }),
  concurrency: positiveCountFlag({
    summary: 'number of commands to run at the same time [default: 1]',
    dependsOn: ['command'],
    helpGroup,
  }),
  'nak-on-error': Flags.boolean({
    allowNo: true,
    summary:
      'request redelivery if the command fails [default]; with --no-nak-on-error, the ack wait must pass first',
    dependsOn: ['command'],
    helpGroup,
  }),
  'nak-delay': durationFlag({
    summary:
      "delay before a failed message is redelivered [default: the consumer's backoff, or 1s, 2s, 4s … 1m]",
    dependsOn: ['command'],
    helpGroup,
  }),
  batch: positiveCountFlag({
    summary: 'messages per pull request [default: 500; with --command, the value of --concurrency]',
    dependsOn,
    helpGroup,
  }),
  heartbeat: durationFlag({
    summary: "interval of the server's heartbeats, which reveal lost pull requests [default: 1s]",
    dependsOn,
    helpGroup,
  }),
} as const;

/** These flags, as parsed. */
export type DurableFlagValues = StreamFlagValues &
  LiveFlagValues &
  Partial<InferredFlags<typeof durableFlags>> & {
    readonly ignore?: readonly string[] | undefined;
    readonly filter?: readonly string[] | undefined;
  };

/** How each message is handled by a command. */
export interface CommandPlan {
  readonly command: string;
  readonly limitMs: number;
  readonly nakOnError: boolean;
  /** Undefined: depends on the number of deliveries. */
  readonly nakDelayMs: number | undefined;
}

/** How to work as a consumer. */
export interface DurablePlan {
  readonly stream: string | undefined;
  readonly choice: ConsumerChoice;
  readonly command: CommandPlan | undefined;
  readonly batch: number;
  readonly heartbeatMs: number;
}

const BATCH = 500;
const HEARTBEAT_MS = 1_000;

/** The plan, when a durable consumer is named. @throws {NatsxError} usage */
export function durablePlan(
  flags: DurableFlagValues,
  filters: readonly string[],
): DurablePlan | undefined {
  if (flags.durable === undefined) return undefined;
  checkAlone(flags);
  const command = commandPlan(flags);
  const concurrency = flags.concurrency ?? 1;
  const ack = command === undefined ? flags.ack : 'manual';
  return {
    stream: flags.stream,
    choice: {
      durable: parseConsumerName(flags.durable),
      create: flags.create === true,
      filters,
      ack,
      concurrency,
    },
    command,
    batch: flags.batch ?? (command === undefined ? BATCH : concurrency),
    heartbeatMs: Math.max(100, flags.heartbeat ?? HEARTBEAT_MS),
  };
}

function commandPlan(flags: DurableFlagValues): CommandPlan | undefined {
  const { command, ack } = flags;
  if (command === undefined) {
    if (ack !== 'manual') return undefined;
    throw usageError(
      '--ack manual needs --command',
      "add --command 'PROGRAM'; exit code 0 acknowledges the message",
    );
  }
  if (ack === 'after-print' || ack === 'none') {
    throw usageError(
      `--ack ${ack} cannot be used with --command, whose exit code decides`,
      'omit --ack',
    );
  }
  return {
    command,
    limitMs: flags['command-timeout'] ?? LONGEST_TIMER_MS,
    nakOnError: flags['nak-on-error'] ?? true,
    nakDelayMs: flags['nak-delay'],
  };
}

/** The consumer's own state decides where it continues and what it delivers. */
function checkAlone(flags: DurableFlagValues): void {
  if (namesRange(flags) || flags.replay === 'original' || flags.speed !== undefined) {
    throw usageError(
      'a durable consumer continues where it left off: --durable cannot be used with the flags of a range',
      'natsx consumer create --deliver sets where a new consumer starts',
    );
  }
  const other = (['match-replies', 'inbox', 'queue', 'filter', 'ignore'] as const).find(
    (name) => flags[name] !== undefined && flags[name] !== false,
  );
  if (other === undefined) return;
  throw usageError(
    `--${other} cannot be used with --durable`,
    'omit it; natsx consumer create --filter sets what a consumer delivers',
  );
}
