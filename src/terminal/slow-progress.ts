import type { Notices, Progress } from './notices.js';

const PATIENCE_MS = 700;
const REDRAW_MS = 200;

/**
 * Shows a progress line on a terminal after the work has taken a while, which most runs do not.
 *
 * @param text returns the current text; called a few times per second
 * @returns a function that removes the line
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
