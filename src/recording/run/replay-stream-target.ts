import { NatsxError } from '../../core/errors.js';
import type { JetStreamScope } from '../../connection/model/api-scope.js';
import type { PublishAck } from '../../streams/model/publish-ack.js';
import type { PublishFate } from '../../streams/model/publish-fate.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import { listStreams } from '../../streams/run/api/stream-list.js';
import { Arrivals } from '../../streams/run/publish/arrivals.js';
import { PublisherLink } from '../../streams/run/publish/publisher-link.js';
import { StreamPlaces } from '../../streams/run/publish/stream-places.js';
import type { SessionTarget } from '../../wire/open-session.js';
import type { StreamShare } from '../model/replay-outcome.js';
import type { ReplayTarget } from './replay-target.js';

export interface StreamTargetOptions {
  readonly scope: JetStreamScope;
  /** How many messages may wait for their acknowledgement. */
  readonly window: number;
  /** As saved by an earlier replay. */
  readonly places: StreamPlaces | undefined;
  /** Called before the streams are searched for this many messages, whose acknowledgements were lost. */
  readonly inquiring: (messages: number) => void;
}

/** Each message is acknowledged by its stream; one that is not is looked for there before it is sent again. */
export class StreamTarget implements ReplayTarget {
  settledBelow = 0;
  inDoubt = 0;
  duplicates = 0;
  found = 0;
  failure: NatsxError | undefined;
  readonly #target: SessionTarget;
  readonly #options: StreamTargetOptions;
  readonly #stop = new AbortController();
  readonly #shares = new Map<string, { -readonly [K in keyof StreamShare]: StreamShare[K] }>();
  #link: PublisherLink | undefined;
  #places: StreamPlaces | undefined;

  private constructor(target: SessionTarget, options: StreamTargetOptions) {
    this.#target = target;
    this.#options = options;
    this.#places = options.places;
  }

  /** Connects, and reads the last sequences of the streams. @throws {NatsxError} connection, auth */
  static async open(
    target: SessionTarget,
    options: StreamTargetOptions,
    signal: AbortSignal,
  ): Promise<StreamTarget> {
    const opened = new StreamTarget(target, options);
    const { scope, window } = options;
    const link = await PublisherLink.open(
      target,
      {
        scope,
        window,
        retryForMs: undefined,
        inquire: (messages, known) => opened.#inquire(messages, known),
        onSettled: (number, _message, fate) => opened.#settled(number, fate),
        onEnd: (error) => opened.#end(error),
      },
      signal,
    );
    opened.#link = link;
    opened.#places ??= await placesNow(link);
    return opened;
  }

  /** Last sequences of the streams; undefined if this user may not read them. */
  get places(): StreamPlaces | undefined {
    return this.#places;
  }

  get streams(): readonly StreamShare[] {
    return [...this.#shares.values()];
  }

  get hasRoom(): boolean {
    return this.failure === undefined && this.#link?.publisher.hasRoom === true;
  }

  async ready(signal: AbortSignal): Promise<void> {
    if (this.failure === undefined) await this.#link?.publisher.ready(signal);
    this.failure ??= this.#link?.publisher.halted;
  }

  publish(message: OutgoingMessage): void {
    this.#link?.publisher.publish(message);
  }

  async settle(): Promise<void> {
    await this.#link?.publisher.settled(this.#stop.signal);
    this.failure ??= this.#link?.publisher.halted;
    if (this.failure === undefined || this.#link === undefined) return;
    this.failure = await this.#link.explained(this.failure);
  }

  /** What the streams have received since {@link places}. @throws {NatsxError} unhealthy — the places are unknown */
  arrivals(): Arrivals {
    const { scope } = this.#options;
    if (this.#places === undefined || this.#link === undefined) throw notAllowed();
    const { api } = this.#link;
    const { signal } = this.#stop;
    return new Arrivals({ target: this.#target, scope, api, places: this.#places, signal });
  }

  /** The duplicate window of the stream of a subject; 0 if unknown. */
  async recognizesForMs(subject: string): Promise<number> {
    const lookup = this.#link?.lookup;
    await lookup?.lookUp(subject);
    return lookup?.knownWindowMs(subject) ?? 0;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#link?.close();
  }

  async #inquire(
    messages: readonly OutgoingMessage[],
    known: readonly PublishAck[],
  ): Promise<readonly (PublishAck | undefined)[]> {
    this.#options.inquiring(messages.length);
    const arrivals = this.arrivals();
    arrivals.leaveOut(known);
    const places: (PublishAck | undefined)[] = [];
    for (const message of messages) places.push(await arrivals.take(message));
    this.found += places.filter((place) => place !== undefined).length;
    return places;
  }

  #settled(number: number, fate: PublishFate): void {
    if (fate.type === 'stored' && this.settledBelow === number) {
      this.settledBelow += 1;
      if (fate.ack.duplicate && fate.resent !== true) this.duplicates += 1;
      this.#places?.passed(fate.ack);
      if (!fate.ack.duplicate || fate.resent === true) this.#share(fate.ack);
    } else if (fate.type === 'stored' || fate.type === 'in-doubt') {
      this.inDoubt += 1;
    }
    if (fate.type === 'stored') return;
    this.failure ??= fate.error;
    this.#link?.publisher.halt(fate.error);
  }

  #share({ stream, seq }: PublishAck): void {
    const share = this.#shares.get(stream);
    if (share === undefined) {
      this.#shares.set(stream, { stream, messages: 1, firstSeq: seq, lastSeq: seq });
      return;
    }
    share.messages += 1;
    if (seq < share.firstSeq) share.firstSeq = seq;
    if (seq > share.lastSeq) share.lastSeq = seq;
  }

  #end(error: NatsxError): void {
    this.failure ??= error;
    this.#stop.abort();
    this.#link?.publisher.giveUp(error);
  }
}

/** Without the permission to list streams, a replay works, but cannot look for unacknowledged messages. */
async function placesNow(link: PublisherLink): Promise<StreamPlaces | undefined> {
  try {
    const streams = await listStreams(link.api);
    return new StreamPlaces(streams.map(({ config, state }) => [config.name, state.last_seq]));
  } catch (error) {
    if (error instanceof NatsxError) return undefined;
    throw error;
  }
}

function notAllowed(): NatsxError {
  return new NatsxError(
    'unhealthy',
    'it is unknown which messages arrived, because the streams could not be read before',
    {
      hint: 'this needs the permission to list streams; with --resume from the start, messages get ids',
    },
  );
}
