import type { Ora } from 'ora';

import type { ConnectionEvent } from '../connection/model/connection-policy.js';
import type { NatsxError } from '../core/errors.js';
import { formatDurationMs } from '../core/values/duration.js';
import type { Style } from './text/style.js';
import { gapEffectText, type GapEffect } from './gap-effect.js';

export type Verbosity = 'quiet' | 'normal' | 'verbose';

/** A spinner's or progress line's handle; everything but the last word is only for terminals. */
export interface Progress {
  readonly update: (text: string) => void;
  readonly stop: () => void;
}

/** stderr as conversation: what happens meanwhile, never data. */
export class Notices {
  readonly #stream: NodeJS.WriteStream;
  readonly #style: Style;
  readonly #verbosity: Verbosity;
  /** Done before each line: data and conversation keep their order where they share a terminal. */
  beforeLine: () => void = () => undefined;
  /** Takes what would be said, while somebody else draws on the whole terminal; undefined: it is said. */
  redirect: ((text: string) => void) | undefined;
  /** Hears of the connection, besides what is said of it. */
  onConnection: ((event: ConnectionEvent) => void) | undefined;
  #closed = false;
  #isWaiting = false;

  constructor(stream: NodeJS.WriteStream, style: Style, verbosity: Verbosity) {
    this.#stream = stream;
    this.#style = style;
    this.#verbosity = verbosity;
    stream.on('error', () => {
      this.#closed = true;
    });
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY;
  }

  get width(): number {
    return this.#stream.isTTY ? this.#stream.columns : 80;
  }

  /** Something the user should know; silent with `--quiet`. */
  notice(text: string): void {
    if (this.#verbosity !== 'quiet') this.#line(this.#style.dim(text));
  }

  /** Something that is not as it should be; silent with `--quiet`. */
  warn(text: string): void {
    if (this.#verbosity !== 'quiet') this.#line(`${this.#style.warn('warning:')} ${text}`);
  }

  /** Only with `--verbose`. */
  detail(text: string): void {
    if (this.#verbosity === 'verbose') this.#line(this.#style.dim(text));
  }

  /** Printed whatever the verbosity: failures. */
  always(text: string): void {
    this.#line(text);
  }

  /** A line that changes in place on a terminal; elsewhere nothing is drawn. */
  progress(text: string): Progress {
    // A pseudo terminal may say that it has no columns at all; the spinner would divide by them and never end.
    const drawable = this.#stream.isTTY && this.#stream.columns > 0;
    if (!drawable || this.#verbosity === 'quiet') {
      return { update: () => undefined, stop: () => undefined };
    }
    return new Spinner(text, this.#stream);
  }

  /** What happens to the connection. `after`: what it means that it was lost, once it is back. */
  connection(event: ConnectionEvent, after: GapEffect): void {
    this.onConnection?.(event);
    switch (event.type) {
      case 'waiting':
        this.#waiting(event.reason, event.remainingMs);
        break;
      case 'disconnected':
        this.warn(`lost the connection to ${event.server}; reconnecting`);
        break;
      case 'reconnected':
        this.notice(
          `connected again to ${event.server} after ${formatDurationMs(event.gapMs)}${gapEffectText(after)}`,
        );
        break;
      case 'lame-duck':
        this.notice(`${event.server} is shutting down and asks its clients to leave`);
        break;
      case 'error':
        this.detail(describe(event.error));
        break;
    }
  }

  /** Told once: what else is tried until then is for those who want to know more. */
  #waiting(reason: string, remainingMs: number): void {
    if (this.#isWaiting) this.detail(`${reason}; trying again`);
    else this.notice(`${reason}; trying again for ${formatDurationMs(remainingMs)}`);
    this.#isWaiting = true;
  }

  #line(text: string): void {
    if (this.#closed) return;
    if (this.redirect !== undefined) {
      this.redirect(text);
      return;
    }
    this.beforeLine();
    this.#stream.write(`${text}\n`);
  }
}

function describe(error: NatsxError): string {
  return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
}

/** A spinner that is loaded when it is first needed: most runs end before anybody would look at it. */
class Spinner implements Progress {
  #text: string;
  #stopped = false;
  #spinner: Ora | undefined;

  constructor(text: string, stream: NodeJS.WriteStream) {
    this.#text = text;
    void import('ora').then(({ default: ora }) => {
      if (this.#stopped) return;
      this.#spinner = ora({ text: this.#text, stream, discardStdin: false }).start();
    });
  }

  update(text: string): void {
    this.#text = text;
    if (this.#spinner !== undefined) this.#spinner.text = text;
  }

  stop(): void {
    this.#stopped = true;
    this.#spinner?.stop();
  }
}
