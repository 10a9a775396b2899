import { parentPort, workerData } from 'node:worker_threads';

import type { ProxyCall, ProxyNews, ProxyThreadData } from './proxy-thread.js';
import { ProxySet } from './proxy-set.js';

/** Entry of the proxies' thread. */
async function serve({ servers, plan }: ProxyThreadData): Promise<void> {
  const send = (news: ProxyNews): void => parentPort?.postMessage(news);
  try {
    const proxies = await ProxySet.open({ servers, plan, onReset: () => send({ type: 'reset' }) });
    parentPort?.on('message', (call: ProxyCall) => {
      if (call.type === 'start') proxies.start(call.untilMs);
      else if (call.type === 'arm') proxies.arm();
      else if (call.type === 'wake') proxies.wake();
      else void proxies.close().then(() => send({ type: 'closed' }));
    });
    send({ type: 'open', ports: proxies.ports });
  } catch (error) {
    send({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
}

void serve(workerData as ProxyThreadData);
