import type { ErrorKind } from '../../core/errors.js';
import type { Trouble } from './worker-setup.js';
import type { Pass } from './role.js';

/** What the main thread asks of a worker. */
export type WorkerCall =
  | { readonly id: number; readonly method: 'connect' }
  | { readonly id: number; readonly method: 'ready'; readonly pass: Pass }
  | { readonly id: number; readonly method: 'run'; readonly pass: Pass; readonly startNs: number }
  | { readonly id: number; readonly method: 'close' };

/** What a worker tells the main thread. */
export type WorkerReport =
  | { readonly type: 'done'; readonly id: number; readonly busy: number }
  | { readonly type: 'failed'; readonly id: number; readonly failure: WorkerFailure }
  | { readonly type: 'trouble'; readonly trouble: Trouble };

/** An error without what cannot be sent between threads. */
export interface WorkerFailure {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string | undefined;
}
