import type { NatsxError } from '../../core/errors.js';

/** What happens to a connection while a command runs. */
export type ConnectionEvent =
  | { readonly type: 'waiting'; readonly reason: string; readonly remainingMs: number }
  | { readonly type: 'disconnected'; readonly server: string }
  | { readonly type: 'reconnected'; readonly server: string; readonly gapMs: number }
  | { readonly type: 'lame-duck'; readonly server: string }
  | { readonly type: 'error'; readonly error: NatsxError };

/** How long to try, and where to report events. Both engines follow it. */
export interface ConnectionPolicy {
  /** How long the first connection may be retried, in milliseconds; 0 fails at once. */
  readonly waitForServerMs: number;
  /** How long a lost connection may stay lost before the command fails; undefined waits indefinitely. */
  readonly giveUpAfterMs: number | undefined;
  readonly onEvent: (event: ConnectionEvent) => void;
}
