import type { Notices } from './notices.js';
import type { Output } from './output.js';

const REFRESH_MS = 1_000;

/** A text on the terminal that is redrawn in place every second. */
export class LiveView {
  readonly #out: Output;
  readonly #notices: Notices;
  readonly #draw: () => string;
  #timer: NodeJS.Timeout | undefined;
  #lines = 0;
  #endPreparation = (): void => undefined;

  /** @param notices lines of stderr on the same terminal, before which the text is erased */
  constructor(out: Output, notices: Notices, draw: () => string) {
    this.#out = out;
    this.#notices = notices;
    this.#draw = draw;
  }

  start(): void {
    this.#endPreparation = this.#notices.prepareLines(() => this.#erase());
    this.#show();
    this.#timer = setInterval(() => this.#show(), REFRESH_MS);
  }

  /** Erases the text, so that other output can take its place. */
  stop(): void {
    clearInterval(this.#timer);
    this.#endPreparation();
    this.#erase();
  }

  #show(): void {
    const text = this.#draw();
    this.#erase();
    this.#out.text(text);
    this.#lines = text.split('\n').length - 1;
  }

  #erase(): void {
    // The terminal may have echoed ^C.
    if (this.#lines > 0) this.#out.text(`\r\u001b[${this.#lines}A\u001b[0J`);
    this.#lines = 0;
  }
}
