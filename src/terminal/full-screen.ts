import type { Output } from './output.js';
import { cutLine } from './text/cut-line.js';

/** The alternate screen without a cursor or line wrapping: a wrapped line would scroll the top away. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H\u001b[2J';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** An escape sequence such as an arrow key, or a single character, which may be Escape. */
const KEYS = /\u001b\[[0-9;]*[A-Za-z~]|[^]/gu;

/** What the screen reports. */
export interface ScreenEvents {
  readonly onKey: (key: string) => void;
  /** The window has a new size. */
  readonly onResize: () => void;
}

/**
 * Draws on the whole terminal, on its alternate screen, and reads single keys. The screen, the cursor and the keyboard
 * mode are restored however the process ends.
 */
export class FullScreen {
  readonly #out: Output;
  readonly #events: ScreenEvents;
  #open = false;
  #endResize = (): void => undefined;

  constructor(out: Output, events: ScreenEvents) {
    this.#out = out;
    this.#events = events;
  }

  /** Whether keys can be read: stdin may be a pipe or a file. */
  get hasKeys(): boolean {
    return process.stdin.isTTY;
  }

  enter(): void {
    this.#open = true;
    this.#write(ENTER);
    this.#endResize = this.#out.onResize(this.#events.onResize);
    process.once('exit', this.#leave);
    if (!this.hasKeys) return;
    process.stdin.setRawMode(true);
    process.stdin.on('data', this.#onData);
  }

  leave(): void {
    process.off('exit', this.#leave);
    this.#leave();
    this.#endResize();
    process.stdin.off('data', this.#onData);
    process.stdin.pause();
  }

  /** Replaces the content. It does not flicker, because lines are overwritten, not cleared. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const { width = 0 } = this.#out;
    const cut = (line: string) => (width > 0 ? cutLine(line, width) : line);
    const text = lines.map((line) => `${CLEAR_LINE}${cut(line)}`).join('\r\n');
    this.#write(`${HOME}${text}${CLEAR_BELOW}`);
  }

  /** At once, since the process may be about to exit. */
  #write(text: string): void {
    this.#out.text(text);
    this.#out.flush();
  }

  readonly #onData = (bytes: Buffer): void => {
    // Keys that are typed quickly arrive together.
    for (const [key] of bytes.toString().matchAll(KEYS)) this.#events.onKey(key);
  };

  readonly #leave = (): void => {
    if (!this.#open) return;
    this.#open = false;
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    this.#write(LEAVE);
  };
}
