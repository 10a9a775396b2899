import type {
  ClientGroup,
  EngineName,
  PublishMode,
  PullAckPolicy,
  RoleName,
  Scenario,
  StorageKind,
} from './scenario.js';
import type { TargetRate } from '../../core/values/pace.js';
import type { SizeSpec } from './size-mix.js';
import type { FaultPlan } from '../../faults/model/fault-plan.js';

/** What a user asked for; everything absent gets the scenario's default. */
export interface BenchRequest {
  readonly scenario: Scenario;
  readonly engine?: EngineName | undefined;
  readonly subject?: string | undefined;
  readonly runId: string;
  /** Clients of the measured role. */
  readonly clients?: number | undefined;
  readonly pubs?: number | undefined;
  readonly subs?: number | undefined;
  readonly responders?: number | undefined;
  readonly workers?: number | undefined;
  /** Processors of this machine, for the default number of workers. */
  readonly cores: number;
  /** How many agents may run clients of each role; absent if this process runs them. */
  readonly hosts?: Readonly<Partial<Record<RoleName, number>>> | undefined;
  readonly messages?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly size?: SizeSpec | undefined;
  readonly subjects?: number | undefined;
  readonly headers?: readonly (readonly [string, string])[] | undefined;
  readonly payload?: Uint8Array | undefined;
  readonly pace?: TargetRate | undefined;
  readonly window?: number | undefined;
  readonly ack?: PullAckPolicy | undefined;
  readonly mode?: PublishMode | undefined;
  readonly batch?: number | undefined;
  readonly storage?: StorageKind | undefined;
  readonly replicas?: number | undefined;
  readonly stream?: string | undefined;
  readonly warmupMs?: number | undefined;
  readonly repeat?: number | undefined;
  readonly seed?: number | undefined;
  readonly idleMs?: number | undefined;
  readonly replyDelayMs?: number | undefined;
  readonly faults?: FaultPlan | undefined;
}

/** The flag for the number of clients of a group. */
export const GROUP_FLAGS: Readonly<Record<ClientGroup, string>> = {
  publishers: '--pubs',
  requesters: '--clients',
  responders: '--responders',
  subscribers: '--subs',
};

/** The value of that flag; `--clients` applies to any measured group and has its own rule. */
export function requestedCount(request: BenchRequest, group: ClientGroup): number | undefined {
  switch (group) {
    case 'publishers':
      return request.pubs;
    case 'requesters':
      return undefined;
    case 'responders':
      return request.responders;
    case 'subscribers':
      return request.subs;
  }
}
