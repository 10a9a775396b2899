import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXPLANATIONS, explain } from '../../../../src/backlog/model/explain.js';

const IDS = [
  'LAST_SEQ_WENT_BACK',
  'STREAM_RECREATED',
  'STREAM_VANISHED',
  'STREAM_PURGED',
  'CONSUMER_VANISHED',
  'CONFIG_CHANGED',
  'LEADER_FLAPPING',
  'SUBSCRIPTION_LEAK',
  'SOURCE_SILENT_AT_LAG_0',
  'CHANGED_AT_DEPLOY',
  'BACKLOG_SINCE',
  'CURSOR_AHEAD',
  'FILTER_MATCHES_NOTHING',
  'STORAGE_WRITE_ERROR',
  'SERVER_LIMIT_NEAR',
  'SERVER_UNHEALTHY',
  'SCHEDULE_OVERDUE',
  'NO_LEADER',
  'QUORUM_AT_RISK',
  'REPLICA_LAG',
  'PAUSED',
  'PUSH_UNBOUND',
  'NO_CLIENT',
  'CLIENT_GONE_WITH_WORK',
  'CLIENT_HUNG',
  'STALLED_MAX_ACK_PENDING',
  'DELAYED_NAK_FULL',
  'SLOW_PROCESSING',
  'ACK_WAIT_TOO_SHORT',
  'REDELIVERY_LOOP',
  'POISON_AT_FLOOR',
  'NAK_STORM',
  'EXHAUSTED',
  'PINNED_CLIENT_STUCK',
  'OVERFLOW_NOT_REACHED',
  'PULL_MAX_BYTES_TOO_SMALL',
  'PULL_LIMIT_REJECTS',
  'MAX_WAITING_FULL',
  'SMALL_BATCH_LATENCY',
  'FLOW_CONTROL_STALL',
  'RATE_LIMITED',
  'REPLAY_ORIGINAL',
  'SERVER_STUCK',
  'BURST',
  'SUSTAINED_OVERLOAD',
  'DATA_LOSS_IMMINENT',
  'UNREAD_EVICTED',
  'PUBLISHERS_REJECTED',
  'STORE_NEAR_LIMIT',
  'WQ_FILTER_GAP',
  'INTEREST_NO_CONSUMER',
  'RETENTION_PINNED',
  'ORPHANED_DURABLE',
  'EPHEMERAL_LEFTOVERS',
  'CONSUMER_CHURN',
  'MIRROR_SOURCE_LAG',
  'HOT_SUBJECT',
  'CORE_SLOW_CONSUMER',
  'PRODUCER_STALLED',
  'CONNECTION_FLAPPING',
  'SLOW_LINK',
  'JUST_RESTARTED',
  'API_OVERLOADED',
  'LEFT_BEHIND_BY_DESIGN',
  'OK',
  'UNKNOWN',
];

describe('the explanations', () => {
  it('cover every verdict of the contract once', () => {
    expect(EXPLANATIONS.map(({ id }) => id).toSorted()).toEqual(IDS.toSorted());
  });

  it('are found in any case', () => {
    expect(explain('no_client')?.id).toBe('NO_CLIENT');
    expect(explain('no-client')?.id).toBe('NO_CLIENT');
    expect(explain('NONSENSE')).toBeUndefined();
  });

  it('are what docs/diagnosis.md prints', () => {
    const page = readFileSync(new URL('../../../../docs/diagnosis.md', import.meta.url), 'utf8');
    for (const { id, severity, scope, meaning, signs, advice } of EXPLANATIONS) {
      expect(page).toContain(
        `### ${id}\n\n${severity}, found on ${/^[aeiou]/.test(scope) ? 'an' : 'a'} ${scope}\n\n` +
          `**What it means.** ${meaning}\n\n**How it is detected.** ${signs}\n\n**What to do.** ${advice}\n`,
      );
    }
  });
});
