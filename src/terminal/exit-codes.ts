import type { ErrorKind } from '../core/errors.js';

/** The one table from kind of failure to exit code; `docs/output.md` and the README show it. */
export const EXIT_CODES: Readonly<Record<ErrorKind, number>> = {
  internal: 1,
  usage: 2,
  connection: 3,
  auth: 4,
  timeout: 5,
  'no-responders': 6,
  'not-found': 7,
  rejected: 8,
  unhealthy: 9,
  interrupted: 130,
};

const SIGNAL_CODES: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
};

/** The code of an interrupted command depends on the signal that ended it. */
export function exitCodeOf(kind: ErrorKind, signal: NodeJS.Signals | undefined): number {
  if (kind === 'interrupted' && signal !== undefined) return SIGNAL_CODES[signal] ?? 130;
  return EXIT_CODES[kind];
}
