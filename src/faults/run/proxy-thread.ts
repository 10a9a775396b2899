import { Worker as Thread } from 'node:worker_threads';

import { workerScript, type WorkerScript } from '../../connection/worker-script.js';
import { NatsxError } from '../../core/errors.js';
import type { ProxiedServer } from './fault-proxy.js';
import { ProxySet, type Proxies, type ProxySetOptions } from './proxy-set.js';
import type { FaultPlan } from '../model/fault-plan.js';

export interface ProxyThreadData {
  readonly servers: readonly ProxiedServer[];
  readonly plan: FaultPlan;
}

export type ProxyCall =
  | { readonly type: 'start'; readonly untilMs: number }
  | { readonly type: 'arm' | 'wake' | 'close' };

export type ProxyNews =
  | { readonly type: 'open'; readonly ports: readonly number[] }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'reset' }
  | { readonly type: 'closed' };

/**
 * Opens the proxies in a thread of their own: a client that is busy would otherwise slow down its own line.
 *
 * @throws {NatsxError} internal — the system gives no port
 */
export async function openProxies(options: ProxySetOptions): Promise<Proxies> {
  const script = workerScript('faults');
  // Sources that were not bundled have no file for it.
  return script === undefined ? ProxySet.open(options) : openThread(script, options);
}

async function openThread(
  { file, argv }: WorkerScript,
  { servers, plan, onReset }: ProxySetOptions,
): Promise<Proxies> {
  const workerData: ProxyThreadData = { servers, plan };
  const thread = new Thread(file, { workerData, argv: [...argv] });
  const call = (message: ProxyCall): void => thread.postMessage(message);
  let closed: () => void = () => undefined;
  const hasClosed = new Promise<void>((resolve) => (closed = resolve));
  const ports = await new Promise<readonly number[]>((resolve, reject) => {
    thread.on('message', (news: ProxyNews) => {
      if (news.type === 'open') resolve(news.ports);
      else if (news.type === 'failed') reject(notOpened(news.reason));
      else if (news.type === 'reset') onReset();
      else closed();
    });
    thread.on('error', (cause: Error) => reject(notOpened(cause.message)));
    thread.on('exit', () => closed());
  }).catch(async (error: unknown) => {
    await thread.terminate();
    throw error;
  });
  return {
    ports,
    start: (untilMs) => call({ type: 'start', untilMs }),
    arm: () => call({ type: 'arm' }),
    wake: () => call({ type: 'wake' }),
    close: async () => {
      call({ type: 'close' });
      await hasClosed;
      await thread.terminate();
    },
  };
}

function notOpened(reason: string): NatsxError {
  return new NatsxError('internal', `the proxies of --faults could not be opened: ${reason}`);
}
