import * as Flags from '@oclif/core/flags';

import { parseConsumerName } from '../../core/entity-name.js';
import { usageError } from '../../core/errors.js';
import type { AckMode, ConsumerChoice } from '../../core/message/work.js';
import { LONGEST_TIMER_MS } from '../../core/values/longest-timer.js';
import { durationFlag, positiveCountFlag, positiveWaitFlag } from '../../terminal/flag-types.js';
import { namesRange } from './stream-range.js';
import type { LiveFlagValues, StreamFlagValues } from './stream-flags.js';

const helpGroup = 'WORK';
const dependsOn = ['durable'];

/** What `sub` can do as a durable consumer. */
export const durableFlags = {
  durable: Flags.string({
    helpValue: '<consumer>',
    summary: 'work as this consumer of the stream: what it was given is acknowledged',
    helpGroup,
  }),
  create: Flags.boolean({ summary: 'make the consumer when it is missing', dependsOn, helpGroup }),
  ack: Flags.option({
    options: ['after-print', 'none', 'manual'] as const,
    helpValue: '<mode>',
    summary:
      'acknowledge what the output has taken, nothing, or (manual) what --command has handled',
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
    summary: 'how long the command may take for one message [default: no limit]',
    dependsOn: ['command'],
    helpGroup,
  }),
  concurrency: positiveCountFlag({
    summary: 'commands at the same time [default: 1]',
    dependsOn: ['command'],
    helpGroup,
  }),
  'nak-on-error': Flags.boolean({
    allowNo: true,
    summary:
      'ask for another delivery when the command fails [default]; else it comes after the ack wait',
    dependsOn: ['command'],
    helpGroup,
  }),
  'nak-delay': durationFlag({
    summary: "how long until that delivery [default: the consumer's backoff, else 1s, 2s, 4s … 1m]",
    dependsOn: ['command'],
    helpGroup,
  }),
  batch: positiveCountFlag({
    summary: 'messages asked for at once [default: 500; with --command as many as run]',
    dependsOn,
    helpGroup,
  }),
  heartbeat: durationFlag({
    summary:
      'how often the server shows that it is there; requests that a change of leaders swallowed are noticed by it [default: 1s]',
    dependsOn,
    helpGroup,
  }),
} as const;

/** These flags, as parsed. */
export interface DurableFlagValues extends StreamFlagValues, LiveFlagValues {
  readonly durable?: string | undefined;
  readonly create?: boolean | undefined;
  readonly ack?: AckMode | undefined;
  readonly command?: string | undefined;
  readonly 'command-timeout'?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly 'nak-on-error'?: boolean | undefined;
  readonly 'nak-delay'?: number | undefined;
  readonly batch?: number | undefined;
  readonly heartbeat?: number | undefined;
  readonly ignore?: readonly string[] | undefined;
  readonly filter?: readonly string[] | undefined;
}

/** How each message is handled by a command. */
export interface CommandPlan {
  readonly command: string;
  readonly limitMs: number;
  readonly nakOnError: boolean;
  /** Undefined: by the number of deliveries. */
  readonly nakDelayMs: number | undefined;
}

/** What is to be done as a consumer. */
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
      '--ack manual leaves it to a command, and none is given',
      "add --command 'PROGRAM'; its exit code 0 acknowledges",
    );
  }
  if (ack === 'after-print' || ack === 'none') {
    throw usageError(
      `--ack ${ack} does not go with --command, whose exit code decides`,
      'leave --ack out',
    );
  }
  return {
    command,
    limitMs: flags['command-timeout'] ?? LONGEST_TIMER_MS,
    nakOnError: flags['nak-on-error'] ?? true,
    nakDelayMs: flags['nak-delay'],
  };
}

/** A consumer knows by itself where it stands and what it delivers. */
function checkAlone(flags: DurableFlagValues): void {
  if (namesRange(flags) || flags.replay === 'original' || flags.speed !== undefined) {
    throw usageError(
      'a durable consumer goes on where it stands: the flags of a range do not go with --durable',
      'natsx consumer create --deliver says where a new one begins',
    );
  }
  const other = (['match-replies', 'inbox', 'queue', 'filter', 'ignore'] as const).find(
    (name) => flags[name] !== undefined && flags[name] !== false,
  );
  if (other === undefined) return;
  throw usageError(
    `--${other} does not go with --durable`,
    'leave it out; natsx consumer create --filter decides what a consumer delivers',
  );
}
