import { cutLine } from './text/cut-line.js';

/** The other screen, no cursor, and long lines end at the edge: one that breaks would push the top out. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H\u001b[2J';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** An arrow or the like, or a single character; Escape alone is one, too. */
const KEYS = /\u001b\[[0-9;]*[A-Za-z~]|[^]/gu;

/** How a terminal takes keys and shows what is drawn. */
export interface ScreenEvents {
  readonly onKey: (key: string) => void;
  /** The window has another size now. */
  readonly onResize: () => void;
}

/**
 * The whole terminal, drawn in place on its alternate screen, with single keys. Whatever ends the process, the screen,
 * the cursor and the mode of the keyboard are as before.
 */
export class FullScreen {
  readonly #events: ScreenEvents;
  #open = false;

  constructor(events: ScreenEvents) {
    this.#events = events;
  }

  /** Whether keys arrive: stdin may be something else than the keyboard. */
  get hasKeys(): boolean {
    return process.stdin.isTTY;
  }

  enter(): void {
    this.#open = true;
    process.stdout.write(ENTER);
    process.stdout.on('resize', this.#events.onResize);
    process.once('exit', this.#leave);
    if (!this.hasKeys) return;
    process.stdin.setRawMode(true);
    process.stdin.on('data', this.#onData);
  }

  leave(): void {
    process.off('exit', this.#leave);
    this.#leave();
    process.stdout.off('resize', this.#events.onResize);
    process.stdin.off('data', this.#onData);
    process.stdin.pause();
  }

  /** Replaces what is shown; without a flicker, because nothing is cleared that is drawn again. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const { columns } = process.stdout;
    const cut = (line: string) => (columns > 0 ? cutLine(line, columns) : line);
    const text = lines.map((line) => `${CLEAR_LINE}${cut(line)}`).join('\r\n');
    process.stdout.write(`${HOME}${text}${CLEAR_BELOW}`);
  }

  readonly #onData = (bytes: Buffer): void => {
    // What is typed quickly comes in one piece.
    for (const [key] of bytes.toString().matchAll(KEYS)) this.#events.onKey(key);
  };

  readonly #leave = (): void => {
    if (!this.#open) return;
    this.#open = false;
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    process.stdout.write(LEAVE);
  };
}
