import { setTimeout as sleep } from 'node:timers/promises';

import type { FaultLog } from '../model/fault-log.js';
import type { StreamInfo } from '../../streams/model/stream-info.js';
import type { JetStreamApi } from '../../streams/run/api/jetstream-api.js';
import { wallNowMs } from './wall-clock.js';

const LOOK_EVERY_MS = 1_000;

interface Clustered {
  readonly cluster?: { readonly leader?: string };
}

/**
 * Notes each change of the stream's leader until the signal aborts, and checks once more then. It uses the ordinary API,
 * once a second.
 */
export async function watchLeader(
  api: JetStreamApi,
  start: StreamInfo,
  faults: FaultLog,
  signal: AbortSignal,
): Promise<void> {
  const { name } = start.config;
  let leader = leaderOf(start);
  if (leader === '') return;
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    const action = `STREAM.INFO.${name}`;
    // Without a leader, there is no answer.
    const info = await api
      .request<StreamInfo>(action, 'looking for the leader')
      .catch(() => undefined);
    const now = info === undefined ? '' : leaderOf(info);
    if (now === '' || now === leader) continue;
    faults.note('leader-changed', name, `from ${leader} to ${now}`, wallNowMs());
    leader = now;
  }
}

function leaderOf(info: StreamInfo & Clustered): string {
  return info.cluster?.leader ?? '';
}
