import type { Ora } from 'ora';

import type { ConnectionEvent } from '../connection/model/connection-policy.js';
import type { NatsxError } from '../core/errors.js';
import { formatDurationMs } from '../core/values/duration.js';
import type { Style } from './text/style.js';
import { wrapSentence } from './text/wrap-sentence.js';
import { gapEffectText, type GapEffect } from './gap-effect.js';

export type Verbosity = 'quiet' | 'normal' | 'verbose';

/** A spinner or progress line, which only terminals show. */
export interface Progress {
  readonly update: (text: string) => void;
  readonly stop: () => void;
}

/** A full-screen view, which shows notices in its own place. */
export interface NoticeReceiver {
  readonly line: (text: string) => void;
  readonly connection: (event: ConnectionEvent) => void;
}

/** stderr: notices and warnings, never data. */
export class Notices {
  readonly #stream: NodeJS.WriteStream;
  readonly #style: Style;
  readonly #verbosity: Verbosity;
  /** What to do before each line, the latest first. */
  readonly #preparations: (() => void)[] = [];
  #receiver: NoticeReceiver | undefined;
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

  /**
   * Runs `prepare` before each line, so that stdout and stderr keep their order on a terminal that they share.
   *
   * @returns a function that ends this
   */
  prepareLines(prepare: () => void): () => void {
    this.#preparations.unshift(prepare);
    return () => void this.#preparations.splice(this.#preparations.indexOf(prepare), 1);
  }

  /** Passes lines and connection events to `receiver`. @returns a function that ends this */
  divert(receiver: NoticeReceiver): () => void {
    this.#receiver = receiver;
    return () => {
      this.#receiver = undefined;
    };
  }

  /** Something that the user should know; not with `--quiet`. */
  notice(text: string): void {
    if (this.#verbosity !== 'quiet') this.#sentence(this.#style.dim(text));
  }

  /** Colours for stderr. */
  get style(): Style {
    return this.#style;
  }

  /** Text that is laid out and coloured already; not with `--quiet`. */
  report(text: string): void {
    if (this.#verbosity !== 'quiet') this.#line(text.replace(/\n$/, ''));
  }

  /** Something that is wrong or surprising; not with `--quiet`. */
  warn(text: string): void {
    if (this.#verbosity !== 'quiet') this.#sentence(`${this.#style.warn('warning:')} ${text}`);
  }

  /** Only with `--verbose`. */
  detail(text: string): void {
    if (this.#verbosity === 'verbose') this.#sentence(this.#style.dim(text));
  }

  /** A failure, printed even with `--quiet`. */
  always(text: string): void {
    this.#sentence(text);
  }

  /** A line that changes in place on a terminal; nothing elsewhere. */
  progress(text: string): Progress {
    // A pseudo-terminal may report 0 columns; the spinner would divide by them and never end.
    const drawable = this.#stream.isTTY && this.#stream.columns > 0;
    if (!drawable || this.#verbosity === 'quiet') {
      return { update: () => undefined, stop: () => undefined };
    }
    return new Spinner(text, this.#stream);
  }

  /** Reports what happens to the connection. `effect`: what a lost connection means to the command. */
  connection(event: ConnectionEvent, effect: GapEffect): void {
    this.#receiver?.connection(event);
    switch (event.type) {
      case 'waiting':
        this.#waiting(event.reason, event.remainingMs);
        break;
      case 'disconnected':
        this.warn(`lost the connection to ${event.server}; reconnecting`);
        break;
      case 'reconnected':
        this.notice(
          `connected again to ${event.server} after ${formatDurationMs(event.gapMs)}${gapEffectText(effect)}`,
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

  /** Only the first attempt is a notice; the others need `--verbose`. */
  #waiting(reason: string, remainingMs: number): void {
    if (this.#isWaiting) this.detail(`${reason}; trying again`);
    else this.notice(`${reason}; trying again for ${formatDurationMs(remainingMs)}`);
    this.#isWaiting = true;
  }

  /** A view has its own width. */
  #sentence(text: string): void {
    const isWrapped = this.#receiver === undefined && this.#stream.isTTY;
    this.#line(isWrapped ? wrapSentence(text, this.#stream.columns) : text);
  }

  #line(text: string): void {
    if (this.#closed) return;
    if (this.#receiver !== undefined) {
      this.#receiver.line(text);
      return;
    }
    for (const prepare of [...this.#preparations]) prepare();
    this.#stream.write(`${text}\n`);
  }
}

function describe(error: NatsxError): string {
  return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
}

/** A spinner that is loaded when it is first needed: most runs end before it would show. */
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
