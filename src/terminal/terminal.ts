import type { Style } from './text/style.js';
import type { Lifecycle } from './lifecycle.js';
import type { Notices } from './notices.js';
import type { Output } from './output.js';

/** stdout, stderr and signals, for code that prints for a command. */
export interface Terminal {
  readonly out: Output;
  readonly notices: Notices;
  /** Colours for stdout. */
  readonly style: Style;
  readonly life: Lifecycle;
  /** Whether `--json` was given. */
  readonly json: boolean;
}
