import { formatDurationPrecise } from '../../core/values/duration.js';
import { usageError } from '../../core/errors.js';
import { parseSubscriptionPattern } from '../../core/subject/subject.js';
import { patternsOverlap } from '../../core/subject/subject-match.js';
import { type ConfigChange } from './config-changes.js';
import { isUnset } from '../../core/message/unset-value.js';
import type { StreamConfig } from './stream-info.js';

/**
 * Checks what can be known without the server, so that the error is clear and nothing is half done.
 *
 * @throws usage naming the setting
 */
export function checkStreamConfig(config: StreamConfig): void {
  checkSubjects(config);
  checkReplicas(config.num_replicas);
  checkDuplicateWindow(config);
  checkDiscardPerSubject(config);
}

function checkSubjects(config: StreamConfig): void {
  const subjects = config.subjects ?? [];
  const hasMirror = !isUnset(config['mirror']);
  if (hasMirror && subjects.length > 0) {
    throw usageError(
      `the stream "${config.name}" is a mirror, and a mirror has no subjects`,
      'leave out the subjects or the mirror',
    );
  }
  if (subjects.length === 0 && !hasMirror && isUnset(config['sources'])) {
    throw usageError(
      `the stream "${config.name}" has no subjects`,
      "give some, for example --subjects 'orders.>'",
    );
  }
  for (const [index, subject] of subjects.entries()) {
    parseSubscriptionPattern(subject);
    const other = subjects.slice(0, index).find((earlier) => patternsOverlap(earlier, subject));
    if (other === undefined) continue;
    throw usageError(
      `the subjects "${other}" and "${subject}" overlap`,
      'a stream can have each subject only once: leave out the narrower one',
    );
  }
}

function checkReplicas(replicas = 1): void {
  if (Number.isInteger(replicas) && replicas >= 0 && replicas <= 5) return;
  throw usageError(`invalid number of replicas ${replicas}`, 'a stream has 1 to 5 replicas');
}

function checkDuplicateWindow({
  duplicate_window: window = 0,
  max_age: age = 0,
}: StreamConfig): void {
  if (age <= 0 || window <= age) return;
  throw usageError(
    `the duplicate window (${duration(window)}) is longer than messages live (${duration(age)})`,
    `--duplicate-window can be ${duration(age)} at most, or raise --max-age`,
  );
}

function checkDiscardPerSubject(config: StreamConfig): void {
  if (config['discard_new_per_subject'] !== true) return;
  if (config.discard === 'new' && (config.max_msgs_per_subject ?? 0) > 0) return;
  throw usageError(
    'discarding per subject needs a limit per subject and "discard new"',
    'add --discard new --max-msgs-per-subject N',
  );
}

function duration(durationNs: number): string {
  return formatDurationPrecise(BigInt(Math.round(durationNs)));
}

/** Keys that cannot change after a stream is created, on every server. */
const FIXED: ReadonlyMap<string, string> = new Map([
  ['storage', 'the storage'],
  ['allow_msg_counter', 'whether it counts'],
]);

/** Keys that can be turned on, but not off again. */
const ONE_WAY: ReadonlyMap<string, string> = new Map([
  ['sealed', 'a sealed stream stays sealed'],
  ['deny_delete', 'it cannot be turned off again'],
  ['deny_purge', 'it cannot be turned off again'],
  ['allow_msg_ttl', 'it cannot be turned off again'],
  ['allow_msg_schedules', 'it cannot be turned off again'],
]);

/**
 * Checks that the server allows these changes of an existing stream.
 *
 * @throws usage naming the key, and what to do instead
 */
export function checkStreamEdit(name: string, changes: readonly ConfigChange[]): void {
  for (const change of changes) {
    const reason = whyNot(change);
    if (reason === undefined) continue;
    throw usageError(
      `${change.key} of the stream "${name}" cannot be changed: ${reason}`,
      'create another stream with it, and copy the messages (record and replay, or --source)',
    );
  }
}

function whyNot({ key, before, after }: ConfigChange): string | undefined {
  const fixed = FIXED.get(key);
  if (fixed !== undefined) return `${fixed} is fixed when a stream is created`;
  const oneWay = ONE_WAY.get(key);
  if (oneWay !== undefined && before === true) return oneWay;
  if (key === 'retention' && (before === 'workqueue' || after === 'workqueue'))
    return 'a stream cannot become or stop being a work queue';
  if (key === 'mirror' && !isUnset(after))
    return 'a mirror can be removed, but not added or replaced';
  return undefined;
}
