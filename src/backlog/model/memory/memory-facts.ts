import type { Finding } from '../../../core/findings/finding.js';
import type { Rule } from '../../../core/findings/rule.js';
import type { ConsumerSample, StreamSample } from '../../../streams/model/snapshot.js';

/** Ids of findings that compare readings of different times. */
export type MemoryId =
  | 'LAST_SEQ_WENT_BACK'
  | 'STREAM_RECREATED'
  | 'STREAM_VANISHED'
  | 'STREAM_PURGED'
  | 'CONSUMER_VANISHED'
  | 'CONFIG_CHANGED'
  | 'LEADER_FLAPPING'
  | 'SUBSCRIPTION_LEAK'
  | 'SOURCE_SILENT_AT_LAG_0'
  | 'CHANGED_AT_DEPLOY'
  | 'BACKLOG_SINCE';

/** A value of a configuration or a count that changed. */
export type ChangeValue = string | number | boolean | null;

/** Something that differs between one reading and the next. */
export interface HistoryChange {
  readonly kind:
    | 'stream_created'
    | 'stream_vanished'
    | 'stream_recreated'
    | 'stream_purged'
    | 'consumer_created'
    | 'consumer_vanished'
    | 'consumer_recreated'
    | 'config'
    | 'count'
    | 'went_back'
    | 'leader'
    | 'version'
    | 'client_connected'
    | 'client_left'
    | 'client_replaced';
  readonly stream: string | null;
  readonly consumer: string | null;
  /** What changed: `last_seq`, `max_ack_pending`, the name of a client. */
  readonly key: string | null;
  readonly before: ChangeValue;
  readonly after: ChangeValue;
  /** Time of the reading that showed it. */
  readonly atMs: number;
}

/** What a rule of memory sees: one thing at two times, or over some time. */
export type MemoryFacts =
  | {
      readonly kind: 'stream';
      readonly name: string;
      readonly before: StreamSample;
      /** Absent: it is gone. */
      readonly after?: StreamSample | undefined;
      /** Messages that its consumers finished in between. */
      readonly finished: number;
    }
  | {
      readonly kind: 'consumer-gone';
      readonly stream: string;
      readonly name: string;
      readonly before: ConsumerSample;
    }
  | {
      readonly kind: 'config';
      readonly stream: string;
      readonly consumer?: string | undefined;
      readonly changes: readonly HistoryChange[];
    }
  | {
      readonly kind: 'leader';
      readonly stream: string;
      readonly consumer?: string | undefined;
      /** Moves of the last minute, oldest first. */
      readonly moves: readonly HistoryChange[];
    }
  | {
      readonly kind: 'subscriptions';
      readonly connection: string;
      readonly address: string;
      /** How many readings in a row had more than the one before. */
      readonly rises: number;
      readonly from: number;
      readonly to: number;
      readonly spanMs: number;
    }
  | {
      readonly kind: 'source';
      readonly stream: string;
      readonly source: string;
      readonly lag: number;
      /** Readings in which both grew before, and in which only the source grew since. */
      readonly together: number;
      readonly alone: number;
      /** Absent: the origin is out of sight. */
      readonly missed?: number | undefined;
      /** How long the origin was not heard from, where it is out of sight. */
      readonly silentMs?: number | undefined;
    }
  | {
      readonly kind: 'backlog';
      readonly stream: string;
      readonly consumer: string;
      readonly verdict: string;
      readonly backlog: number;
      readonly spanMs: number;
      /** The first reading had a backlog already. */
      readonly isOlder: boolean;
      /** What changed in the two minutes before. */
      readonly deploy?: HistoryChange | undefined;
    };

export type MemoryRule = Rule<MemoryFacts, MemoryId>;

/** A finding with its times. */
export interface MemoryFinding extends Finding<MemoryId> {
  readonly began_at: string;
  /** Null: it is still so. */
  readonly ended_at: string | null;
}

/** A finding, and where it belongs. */
export interface PlacedMemory {
  readonly stream?: string | undefined;
  readonly consumer?: string | undefined;
  readonly connection?: string | undefined;
  readonly beganMs: number;
  readonly endedMs?: number | undefined;
  readonly finding: MemoryFinding;
}
