import { NatsxError } from '../../core/errors.js';
import type { AccountInfo, AccountLimits } from '../../streams/model/account-info.js';
import type { StreamNeed } from './own-stream.js';

/** Which of an account's stores is asked for. */
export interface StoreKind {
  readonly storage: string;
  readonly replicas: number;
  /** A new stream needs room that nobody has reserved; one that exists has what it reserved. */
  readonly isNew: boolean;
}

/** Bytes that the account may still store, all replicas together; Infinity when it is not limited. */
export function freeBytes(account: AccountInfo, kind: StoreKind): number {
  const { storage, replicas, isNew } = kind;
  const tier = account.tiers?.[`R${replicas}`] ?? account;
  const inMemory = storage === 'memory';
  const used = (inMemory ? tier.memory : tier.storage) ?? 0;
  const reserved = (inMemory ? tier.reserved_memory : tier.reserved_storage) ?? 0;
  const limit = (inMemory ? tier.limits?.max_memory : tier.limits?.max_storage) ?? -1;
  const free =
    limit < 0 ? Infinity : Math.max(0, limit - (isNew ? Math.max(used, reserved) : used));
  return isNew ? Math.min(free, streamLimit(tier.limits, inMemory) * replicas) : free;
}

/** What one stream may keep in each replica. */
function streamLimit(limits: AccountLimits | undefined, inMemory: boolean): number {
  const most = inMemory ? limits?.memory_max_stream_bytes : limits?.storage_max_stream_bytes;
  return most === undefined || most <= 0 ? Infinity : most;
}

/** @throws {NatsxError} rejected — the run would store more than there is room for */
export function checkRoom(need: StreamNeed, roomBytes: number, storage: string): void {
  const wanted = need.messages * need.messageBytes * need.replicas;
  if (!(wanted > roomBytes)) return;
  throw new NatsxError(
    'rejected',
    `the run would store ${wanted} bytes, but the account has room for ${roomBytes} in ${storage} storage`,
    { hint: 'send fewer or smaller messages (--msgs, --size), or choose another --storage' },
  );
}
