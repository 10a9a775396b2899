import type { Terminal } from '../../terminal/terminal.js';
import type { Style } from '../../terminal/text/style.js';

/** How text is laid out where it goes to. */
interface ChangeView {
  readonly style: Style;
  /** Columns of the terminal; undefined where nothing must be cut. */
  readonly width: number | undefined;
}

/** What a command has changed, or would change. */
interface PrintedChange {
  readonly done: boolean;
  /** One line. */
  readonly json: string;
  readonly text: (view: ChangeView) => string;
}

/**
 * A confirmation goes to stderr, and nowhere with `--quiet`; what would change is the answer of a command that changes
 * nothing, on stdout. JSON always goes to stdout.
 */
export function printChange({ out, notices, style, json }: Terminal, change: PrintedChange): void {
  if (json) out.line(change.json);
  else if (change.done) {
    const width = notices.isTerminal ? notices.width : undefined;
    notices.report(change.text({ style: notices.style, width }));
  } else out.text(change.text({ style, width: out.width }));
}
