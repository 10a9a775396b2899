import { isUnset } from '../../core/message/unset-value.js';
import { compileAnySubjectMatcher, patternCovers } from '../../core/subject/subject-match.js';
import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDuration } from '../../core/values/duration.js';
import type { ConsumerInfo } from './consumer-info.js';
import { neededAtLeast } from './interest.js';
import { goText, messagesText, rangeText, warning, type Loss } from './losses.js';
import { isAtLeast } from '../../core/server-needs.js';
import type { StreamConfig, StreamInfo } from './stream-info.js';
import { agree } from '../../core/wording.js';

/** What is known of a stream before it is changed. */
export interface EditFacts {
  readonly info: StreamInfo;
  /** The server's clock, in milliseconds since the epoch. */
  readonly nowMs: number;
  readonly serverVersion: string;
  /** Messages by subject, where the change needs them; undefined when there are too many. */
  readonly subjects?: ReadonlyMap<string, number> | undefined;
  /** How many messages are as old as the new limit allows, or older. */
  readonly outlived?: number | undefined;
  /** Undefined when this user may not list them. */
  readonly consumers?: readonly ConsumerInfo[] | undefined;
}

/**
 * What a change of its settings costs a stream: messages that are removed, and what cannot be undone.
 */
export function editLosses(facts: EditFacts, wanted: StreamConfig): readonly Loss[] {
  return [
    ...(facts.info.state.messages === 0
      ? []
      : [
          ...countLoss(facts, wanted),
          ...sizeLoss(facts, wanted),
          ...perSubjectLoss(facts, wanted),
          ...ageLoss(facts, wanted),
          ...retentionLoss(facts, wanted),
        ]),
    ...subjectsLoss(facts, wanted),
    ...forgottenIds(facts.info.config, wanted),
    ...oneWay(facts.info.config, wanted),
  ];
}

/** Whether the counts by subject are needed. */
export function needsSubjects({ config }: StreamInfo, wanted: StreamConfig): boolean {
  const perSubject = wanted.max_msgs_per_subject ?? -1;
  return (
    (perSubject > 0 && isNarrower(config.max_msgs_per_subject, perSubject)) ||
    dropped(config, wanted).length > 0
  );
}

/** The new age limit in nanoseconds, if messages can be older than that. */
export function narrowerAge({ config }: StreamInfo, wanted: StreamConfig): number | undefined {
  const age = wanted.max_age ?? 0;
  return age > 0 && isNarrower(config.max_age, age) ? age : undefined;
}

/** Whether the stream will remove messages that no consumer waits for. */
export function becomesInterest({ config }: StreamInfo, wanted: StreamConfig): boolean {
  return wanted.retention === 'interest' && config.retention !== 'interest';
}

function countLoss({ info, serverVersion }: EditFacts, wanted: StreamConfig): readonly Loss[] {
  const { messages } = info.state;
  const surplus = excess(messages, limitBefore(info.config, wanted, 'max_msgs'), wanted.max_msgs);
  if (surplus === 0 || keepsOld(wanted, serverVersion)) return [];
  const which = surplus === 1 ? 'the oldest' : `the oldest ${surplus}`;
  const go = agree(surplus, 'goes', 'go');
  return [{ text: `${which} of ${messagesText(messages)} ${go}`, least: surplus, most: surplus }];
}

function sizeLoss({ info, serverVersion }: EditFacts, wanted: StreamConfig): readonly Loss[] {
  const { messages, bytes } = info.state;
  const surplus = excess(bytes, limitBefore(info.config, wanted, 'max_bytes'), wanted.max_bytes);
  if (surplus === 0 || keepsOld(wanted, serverVersion)) return [];
  const text = `the oldest messages go, ${formatByteSize(surplus)} of ${formatByteSize(bytes)}`;
  return [{ text, least: 1, most: messages }];
}

/** A stream that discards new messages keeps what it has, but servers before 2.10 still remove the oldest. */
function keepsOld(wanted: StreamConfig, serverVersion: string): boolean {
  return wanted.discard === 'new' && isAtLeast(serverVersion, '2.10');
}

/** A stream that discards new messages can hold more than its limit. */
function limitBefore(
  config: StreamConfig,
  wanted: StreamConfig,
  key: 'max_msgs' | 'max_bytes',
): number | undefined {
  return config.discard === 'new' && wanted.discard !== 'new' ? undefined : config[key];
}

function perSubjectLoss(
  { info, serverVersion, subjects }: EditFacts,
  wanted: StreamConfig,
): readonly Loss[] {
  const { messages } = info.state;
  const limit = wanted.max_msgs_per_subject ?? -1;
  if (limit <= 0 || !isNarrower(info.config.max_msgs_per_subject, limit)) return [];
  const stays = `of each subject only the newest ${limit === 1 ? 'message stays' : `${limit} messages stay`}`;
  if (subjects === undefined) {
    return [{ text: stays, least: 0, most: messages }];
  }
  let surplus = 0;
  for (const count of subjects.values()) surplus += Math.max(0, count - limit);
  if (surplus === 0) return [];
  // Older servers remove them when the next message of the subject arrives.
  const atOnce = isAtLeast(serverVersion, '2.14');
  const when = atOnce ? '' : ', at the latest when the next ones of their subjects are stored';
  const text = `${stays}: ${surplus} of ${messagesText(messages)} ${agree(surplus, 'goes', 'go')}${when}`;
  return [{ text, least: atOnce ? surplus : 0, most: surplus }];
}

function ageLoss({ info, nowMs, outlived }: EditFacts, wanted: StreamConfig): readonly Loss[] {
  const age = narrowerAge(info, wanted);
  const oldestNs = (nowMs - Date.parse(info.state.first_ts)) * 1e6;
  if (age === undefined || oldestNs <= age) return [];
  const { messages } = info.state;
  const count = outlived === undefined ? '' : ` (${outlived} of ${messages})`;
  const text = `messages older than ${formatDuration(age)} go${count}; the oldest is ${formatDuration(oldestNs)} old`;
  // The server checks ages by a timer, and messages get older meanwhile.
  return [{ text, least: 0, most: messages }];
}

function retentionLoss(
  { info, serverVersion, consumers }: EditFacts,
  wanted: StreamConfig,
): readonly Loss[] {
  if (!becomesInterest(info, wanted)) return [];
  const { messages } = info.state;
  if (consumers === undefined) {
    const text = `up to ${messagesText(messages)} go: this user may not list the consumers that wait for them`;
    return [{ text, least: 0, most: messages }];
  }
  if (consumers.length === 0) {
    // Servers before 2.14 do not remove them.
    const all = { least: isAtLeast(serverVersion, '2.14') ? messages : 0, most: messages };
    return [
      {
        text: `${rangeText(all)} ${goText(all)}, and so do new ones: the stream has no consumers`,
        ...all,
      },
    ];
  }
  const lost = { least: 0, most: Math.max(0, messages - neededAtLeast(consumers)) };
  const later = 'from now on each message goes when all consumers have acknowledged it';
  if (lost.most === 0) return [warning(later)];
  return [
    {
      text: `${rangeText(lost)} ${goText(lost)} that no consumer waits for; ${later}`,
      ...lost,
    },
  ];
}

/** Stored messages of a removed subject stay; new ones are not stored. */
function subjectsLoss({ info, subjects }: EditFacts, wanted: StreamConfig): readonly Loss[] {
  const gone = dropped(info.config, wanted);
  if (gone.length === 0) return [];
  const matches = compileAnySubjectMatcher(gone);
  const kept = compileAnySubjectMatcher(wanted.subjects ?? []);
  let stored = 0;
  for (const [subject, count] of subjects ?? [])
    if (matches(subject) && !kept(subject)) stored += count;
  const stay =
    subjects === undefined ? '' : `; ${messagesText(stored)} of them stay${agree(stored, 's', '')}`;
  return [warning(`the stream no longer stores messages of ${gone.join(', ')}${stay}`)];
}

function dropped(config: StreamConfig, wanted: StreamConfig): readonly string[] {
  const { subjects = [] } = wanted;
  return (config.subjects ?? []).filter(
    (one) => !subjects.some((other) => patternCovers(other, one)),
  );
}

function forgottenIds(config: StreamConfig, wanted: StreamConfig): readonly Loss[] {
  const before = config.duplicate_window ?? 0;
  const after = wanted.duplicate_window ?? 0;
  if (after <= 0 || after >= before) return [];
  return [
    warning(
      `message ids older than ${formatDuration(after)} are forgotten: repeats of such messages are stored again`,
    ),
  ];
}

/** Keys that cannot be turned off again, and what they mean. */
const ONE_WAY: readonly (readonly [key: string, text: string])[] = [
  ['sealed', 'the stream is read-only from now on, and cannot be unsealed'],
  ['deny_delete', 'clients can never delete messages again'],
  ['deny_purge', 'clients can never purge the stream again'],
  ['allow_msg_ttl', 'per-message TTLs cannot be turned off again'],
  ['allow_msg_schedules', 'message schedules cannot be turned off again'],
];

function oneWay(config: StreamConfig, wanted: StreamConfig): readonly Loss[] {
  return ONE_WAY.flatMap(([key, text]) =>
    isUnset(config[key]) && wanted[key] === true ? [warning(text)] : [],
  );
}

function excess(held: number, before: number | undefined, after: number | undefined): number {
  const limit = after ?? -1;
  return limit > 0 && isNarrower(before, limit) ? Math.max(0, held - limit) : 0;
}

/** 0 and less mean that there is no limit. */
function isNarrower(before: number | undefined, after: number): boolean {
  return before === undefined || before <= 0 || after < before;
}
