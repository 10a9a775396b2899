import { isSame } from '../../../core/shared-values.js';
import { isSameText, withoutMark } from '../../../streams/model/secret-mark.js';
import type {
  ConsumerSettings,
  OtherSettings,
  StreamSettings,
} from '../../../streams/model/snapshot.js';
import type { ChangeValue, HistoryChange } from './memory-facts.js';

/** Settings by the names that the server gives them. */
const SERVER_NAMES: Readonly<Record<string, string>> = {
  maxMessages: 'max_msgs',
  maxMessagesPerSubject: 'max_msgs_per_subject',
  maxAgeMs: 'max_age_ms',
  replicas: 'num_replicas',
  allowMsgTtl: 'allow_msg_ttl',
  allowSchedules: 'allow_msg_schedules',
  maxDeliver: 'max_deliver',
  filters: 'filter_subjects',
  startSeq: 'opt_start_seq',
  startMs: 'opt_start_time_ms',
  rateLimitBitsPerS: 'rate_limit_bps',
  memoryStorage: 'mem_storage',
  asyncPersist: 'persist_mode_async',
};

type Settings = StreamSettings | ConsumerSettings;

/** The settings that differ. */
export function settingChanges(
  before: Settings,
  after: Settings,
  place: Pick<HistoryChange, 'stream' | 'consumer' | 'atMs'>,
): readonly HistoryChange[] {
  if (isSame(before, after)) return [];
  // An earlier natsx did not record them.
  const hasOthers = before.others !== undefined && after.others !== undefined;
  const old = flat(before, hasOthers);
  const now = flat(after, hasOthers);
  const changes: HistoryChange[] = [];
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    const [then = null, since = null] = [old.get(key), now.get(key)];
    if (isEqual(then, since)) continue;
    changes.push({ kind: 'config', ...place, key, before: shown(then), after: shown(since) });
  }
  return changes;
}

function isEqual(a: ChangeValue, b: ChangeValue): boolean {
  return typeof a === 'string' && typeof b === 'string' ? isSameText(a, b) : a === b;
}

function shown(value: ChangeValue): ChangeValue {
  return typeof value === 'string' ? withoutMark(value) : value;
}

function flat(settings: Settings, hasOthers: boolean): ReadonlyMap<string, ChangeValue> {
  const entries = Object.entries(settings) as [string, unknown][];
  const values = entries.flatMap(([key, value]): [string, ChangeValue][] => {
    if (value === undefined) return [];
    if (key === 'others') return hasOthers ? Object.entries(value as OtherSettings) : [];
    if (key !== 'metadata') return [[SERVER_NAMES[key] ?? snakeCase(key), asValue(value)]];
    // The server's own entries change with its version.
    return Object.entries(value as Readonly<Record<string, string>>)
      .filter(([name]) => !name.startsWith('_nats.'))
      .map(([name, text]) => [`metadata.${name}`, text]);
  });
  return new Map(values);
}

function asValue(value: unknown): ChangeValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return Array.isArray(value) && value.length > 0 ? value.join(', ') : null;
}

function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
