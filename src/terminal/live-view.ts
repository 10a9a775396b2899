import type { Notices } from './notices.js';
import type { Output } from './output.js';

const REFRESH_MS = 1_000;

/** A text on the terminal that is drawn anew in place every second. */
export class LiveView {
  readonly #out: Output;
  readonly #notices: Notices;
  readonly #draw: () => string;
  #timer: NodeJS.Timeout | undefined;
  #lines = 0;

  /** @param notices what is said meanwhile on the same terminal, which clears the drawing before it speaks */
  constructor(out: Output, notices: Notices, draw: () => string) {
    this.#out = out;
    this.#notices = notices;
    this.#draw = draw;
  }

  start(): void {
    const flush = this.#notices.beforeLine;
    this.#notices.beforeLine = () => {
      this.#erase();
      flush();
    };
    this.#show();
    this.#timer = setInterval(() => this.#show(), REFRESH_MS);
  }

  /** Leaves the text of the last drawing out of the way of what comes next. */
  stop(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #show(): void {
    const text = this.#draw();
    this.#erase();
    this.#out.text(text);
    this.#lines = text.split('\n').length - 1;
  }

  #erase(): void {
    // The terminal may have echoed a ^C.
    if (this.#lines > 0) this.#out.text(`\r\u001b[${this.#lines}A\u001b[0J`);
    this.#lines = 0;
  }
}
