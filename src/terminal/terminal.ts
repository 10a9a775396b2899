import type { Style } from './text/style.js';
import type { Lifecycle } from './lifecycle.js';
import type { Notices } from './notices.js';
import type { Output } from './output.js';

/** What a command has at the process edge, for those who print for it. */
export interface Terminal {
  readonly out: Output;
  readonly notices: Notices;
  /** Colours for stdout. */
  readonly style: Style;
  readonly life: Lifecycle;
  /** Whether `--json` was given. */
  readonly json: boolean;
}
