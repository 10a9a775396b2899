import type { Notices, Progress } from './notices.js';

const PATIENCE_MS = 700;
const REDRAW_MS = 200;

/**
 * Shows a line of progress, on a terminal, once the work has taken a while: most runs are over before anybody would
 * look.
 *
 * @param text what to show now; called a few times a second
 * @returns ends it
 */
export function slowProgress(notices: Notices, text: () => string): () => void {
  if (!notices.isTerminal) return () => undefined;
  let progress: Progress | undefined;
  let redraw: NodeJS.Timeout | undefined;
  const patience = setTimeout(() => {
    progress = notices.progress(text());
    redraw = setInterval(() => progress?.update(text()), REDRAW_MS);
    redraw.unref();
  }, PATIENCE_MS);
  patience.unref();
  return () => {
    clearTimeout(patience);
    clearInterval(redraw);
    progress?.stop();
  };
}
