import { NatsxError } from '../core/errors.js';
import type { PageDocument } from '../page/document.js';
import { failureAnswer, JSON_TYPE, textAnswer, type HttpAnswer } from './answer.js';
import {
  bodyOf,
  liveEvent,
  livePage,
  plainBody,
  type LiveBody,
  type LiveState,
} from './live-document.js';
import type { LiveRoutes } from './live-server.js';

/** How readings of one kind are shown. */
export interface LivePageView<R> {
  /** The heading while there is nothing to show. */
  readonly title: string;
  readonly document: (reading: R) => PageDocument;
  /** Called with each reading, also while the page is not open. */
  readonly take?: (reading: R) => void;
  /** As `--json` prints it. */
  readonly json: (reading: R) => string;
  readonly metrics: (reading: R) => Promise<MetricsText>;
  /** After this many milliseconds without a new reading, figures are old; undefined if they are never. */
  readonly staleAfterMs: number | undefined;
}

export interface MetricsText {
  readonly text: string;
  readonly contentType: string;
}

/** Why there are no figures, if the connection is there. */
const NO_ANSWER = 'no answer from NATS';
/** Readings of a large account may take longer than usual. */
const STALE_INTERVALS = 3;

interface Reading<R> {
  readonly value: R;
  /** By the clock of this machine, as all times here. */
  readonly readMs: number;
}

/**
 * What a live page shows: the latest reading, and since when there is no newer one because NATS is lost. Each reading is
 * rendered once, however many people look.
 */
export class LivePage<R> {
  readonly #view: LivePageView<R>;
  #reading: Reading<R> | undefined;
  #lost: LiveState['lost'];
  #body: LiveBody;
  #bodyOf: Reading<R> | undefined;
  #waiting: (() => void)[] = [];
  /** Between the last two readings. */
  #intervalMs = 0;
  /** Called after each change. */
  onChange: () => void = () => undefined;

  constructor(view: LivePageView<R>) {
    this.#view = view;
    this.#body = plainBody(view.title, 'nothing was read yet');
  }

  show(value: R): void {
    const readMs = Date.now();
    if (this.#reading !== undefined && this.#lost === undefined) {
      this.#intervalMs = readMs - this.#reading.readMs;
    }
    this.#reading = { value, readMs };
    this.#view.take?.(value);
    this.#lost = undefined;
    this.#changed();
  }

  /** NATS cannot be read. Figures stay on the page, with their time. */
  lose(why: string, sinceMs = Date.now()): void {
    if (this.#lost?.why === why) return;
    this.#lost = { why, sinceMs: this.#lost?.sinceMs ?? sinceMs };
    this.#changed();
  }

  /** The routes of a page whose readings arrive by themselves. */
  get routes(): LiveRoutes {
    return {
      page: () => this.page(),
      api: async () => {
        const reading = await this.#fresh();
        return reading === undefined ? this.unavailable() : this.api(reading);
      },
      metrics: async () => {
        const reading = await this.#fresh();
        return reading === undefined ? textAnswer(503, this.#why) : this.metrics(reading);
      },
      latest: () => this.event(),
    };
  }

  page(): HttpAnswer {
    return livePage({ body: this.#latestBody(), state: this.#state(), follows: true });
  }

  api(reading: R): HttpAnswer {
    return { type: JSON_TYPE, body: this.#view.json(reading) };
  }

  async metrics(reading: R): Promise<HttpAnswer> {
    const { text, contentType } = await this.#view.metrics(reading);
    return { type: contentType, body: text };
  }

  /** Why there are no figures of now, and when the last ones were read. */
  unavailable(error: unknown = new NatsxError('connection', this.#why)): HttpAnswer {
    return failureAnswer(error, {
      read_at: isoOrNull(this.#reading?.readMs),
      lost_at: isoOrNull(this.#lost?.sinceMs),
    });
  }

  event(): string {
    return liveEvent(this.#latestBody(), this.#state());
  }

  /** Waits for the first reading. @returns undefined while NATS is lost */
  async #fresh(): Promise<R | undefined> {
    if (this.#reading !== undefined && Date.now() - this.#reading.readMs > this.#staleAfterMs) {
      this.lose(NO_ANSWER, this.#reading.readMs);
    }
    while (this.#lost === undefined && this.#reading === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#lost === undefined ? this.#reading?.value : undefined;
  }

  get #staleAfterMs(): number {
    const { staleAfterMs = Infinity } = this.#view;
    return Math.max(staleAfterMs, STALE_INTERVALS * this.#intervalMs);
  }

  get #why(): string {
    return this.#lost?.why ?? 'nothing was read yet';
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.onChange();
  }

  #latestBody(): LiveBody {
    if (this.#reading !== undefined && this.#reading !== this.#bodyOf) {
      this.#bodyOf = this.#reading;
      this.#body = bodyOf(this.#view.document(this.#reading.value));
    }
    return this.#body;
  }

  #state(): LiveState {
    return {
      nowMs: Date.now(),
      readMs: this.#reading?.readMs,
      lost: this.#lost,
      staleAfterMs: Number.isFinite(this.#staleAfterMs) ? this.#staleAfterMs : undefined,
    };
  }
}

function isoOrNull(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}
