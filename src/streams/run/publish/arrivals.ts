import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { NatsxError } from '../../../core/errors.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import type { Sequence } from '../../model/sequence.js';
import type { PublishAck } from '../../model/publish-ack.js';
import type { StreamInfo } from '../../model/stream-info.js';
import type { MessageHeaders, OutgoingMessage } from '../../../core/message/message.js';
import type { ReadRange } from '../../model/read-range.js';
import { quoted } from '../../../core/printable.js';
import {
  compileAnySubjectMatcher,
  type SubjectMatcher,
} from '../../../core/subject/subject-match.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { readStream } from '../api/jetstream-entities.js';
import { listStreams } from '../api/stream-list.js';
import type { SessionTarget } from '../../../wire/open-session.js';
import { readStreamRange } from '../read/read-stream.js';
import type { StreamPlaces } from './stream-places.js';

/** Where to look, and after which sequences. */
export interface ArrivalsRequest {
  readonly target: SessionTarget;
  readonly scope: JetStreamScope;
  readonly api: JetStreamApi;
  readonly places: StreamPlaces;
  readonly signal: AbortSignal;
}

/** A server may still process what arrived over a lost connection: its stream must not grow for this long. */
const STILL_MS = 250;
/** A new leader has what was replicated to it, and shows it only once it is applied. */
const REPLICATED_STILL_MS = 1_500;
/** With other publishers a stream never stops growing: this many periods are enough. */
const LONGEST_STILLS = 8;
/** A cluster that elects leaders does not answer everything for a while. */
const ANSWERS_WITHIN_MS = 30_000;

/** What one stream has received. */
interface ReceivingStream {
  readonly name: string;
  readonly takes: SubjectMatcher;
  /** Whether the stream stores messages under other subjects than they were published to. */
  readonly renames: boolean;
  found?: Found;
}

interface Found {
  /** Sequences by content, the oldest first. */
  readonly byContent: Map<string, number[]>;
  /** Number of messages that arrived and were removed since, so that they cannot be read. */
  readonly gone: number;
}

/**
 * What streams have received since a known sequence, looked up by content, to find out which messages arrived when
 * their acknowledgements were lost. Equal messages are matched one by one, the oldest first, which is right as long as
 * no other client publishes identical messages.
 */
export class Arrivals {
  readonly #request: ArrivalsRequest;
  /** Sequences of messages that are accounted for, by stream. */
  readonly #leftOut = new Map<string, Set<Sequence>>();
  #streams: readonly ReceivingStream[] | undefined;

  constructor(request: ArrivalsRequest) {
    this.#request = request;
  }

  /** Leaves out messages whose places are known. */
  leaveOut(known: readonly PublishAck[]): void {
    for (const { stream, seq } of known) {
      const seqs = this.#leftOut.get(stream) ?? new Set();
      this.#leftOut.set(stream, seqs.add(seq));
    }
  }

  /**
   * Looks up a message among what has arrived; each stored message is found once.
   *
   * @returns its place, or undefined when it is in no stream
   * @throws {NatsxError} as JetStream's API; unhealthy, rejected — it cannot be known
   */
  async take(message: OutgoingMessage): Promise<PublishAck | undefined> {
    const stream = await this.#streamOf(message.subject);
    const { byContent, gone } = (stream.found ??= await this.#read(stream));
    const key = contentKey(stream.renames ? '' : message.subject, message.headers, message.payload);
    const seq = byContent.get(key)?.shift();
    if (seq !== undefined) return { stream: stream.name, seq, duplicate: false };
    if (gone > 0) throw removedSince(stream.name, gone);
    return undefined;
  }

  async #streamOf(subject: string): Promise<ReceivingStream> {
    this.#streams ??= (await listStreams(this.#request.api)).map(receivingStream);
    const stream = this.#streams.find(({ takes }) => takes(subject));
    if (stream === undefined) throw elsewhere(subject);
    return stream;
  }

  async #read({ name, renames }: ReceivingStream): Promise<Found> {
    const place = this.#request.places.of(name);
    if (place === undefined) throw unknownPlace(name);
    const last = await this.#patiently(() => this.#whenStill(name));
    if (last < place) throw shortened(name, place, last);
    const range: ReadRange = {
      start: { from: 'seq', seq: place + 1 },
      end: { atEnd: true, seq: last },
    };
    const { byContent, read } =
      last === place
        ? { byContent: new Map<string, number[]>(), read: 0 }
        : await this.#patiently(() => this.#readRange(name, range, renames));
    return { byContent, gone: last - place - read };
  }

  async #readRange(
    stream: string,
    range: ReadRange,
    renames: boolean,
  ): Promise<{ readonly byContent: Map<string, number[]>; readonly read: number }> {
    const { target, scope, signal } = this.#request;
    const leftOut = this.#leftOut.get(stream);
    const byContent = new Map<string, number[]>();
    let read = 0;
    await readStreamRange(
      target,
      { scope, stream, filters: [], range },
      {
        opened: () => undefined,
        ready: () => Promise.resolve(),
        message: ({ subject, headers, buffer, payloadStart, payloadEnd }, { seq }) => {
          read += 1;
          if (leftOut?.has(seq) === true) return 'taken';
          const payload = buffer.subarray(payloadStart, payloadEnd);
          const key = contentKey(renames ? '' : subject, headers, payload);
          const before = byContent.get(key);
          if (before === undefined) byContent.set(key, [seq]);
          else before.push(seq);
          return 'taken';
        },
      },
      signal,
    );
    signal.throwIfAborted();
    return { byContent, read };
  }

  /** @returns the last sequence */
  async #whenStill(stream: string): Promise<number> {
    const { api, signal } = this.#request;
    const { config, state } = await readStream(api, stream);
    const stillMs = (config.num_replicas ?? 1) > 1 ? REPLICATED_STILL_MS : STILL_MS;
    const deadlineMs = performance.now() + LONGEST_STILLS * stillMs;
    let last = state.last_seq;
    for (;;) {
      await sleep(stillMs, undefined, { signal });
      const now = (await readStream(api, stream)).state.last_seq;
      if (now === last || performance.now() >= deadlineMs) return now;
      last = now;
    }
  }

  /** Asks again if a cluster did not answer in time. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    const deadlineMs = performance.now() + ANSWERS_WITHIN_MS;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const late = error instanceof NatsxError && error.kind === 'timeout';
        if (!late || this.#request.signal.aborted || performance.now() >= deadlineMs) throw error;
      }
    }
  }
}

function receivingStream({ config }: StreamInfo): ReceivingStream {
  return {
    name: config.name,
    takes: compileAnySubjectMatcher(config.subjects ?? []),
    renames: config['subject_transform'] !== undefined,
  };
}

/** Equal for messages with the same content. */
function contentKey(
  subject: string,
  headers: MessageHeaders | undefined,
  payload: Uint8Array,
): string {
  let text = `${subject}\n`;
  for (const [name, values] of headers ?? []) {
    for (const value of values) text += `${name}:${value.trim()}\n`;
  }
  return hash('sha1', Buffer.concat([Buffer.from(`${text}\n`), payload]), 'base64');
}

function removedSince(stream: string, count: number): NatsxError {
  return new NatsxError(
    'unhealthy',
    `the stream "${stream}" received messages, ${count} of which have since been removed, so it is unknown which ones arrived`,
    { details: { stream, gone: count } },
  );
}

function shortened(stream: string, place: number, last: number): NatsxError {
  return new NatsxError(
    'unhealthy',
    `the stream "${stream}" acknowledged message ${place}, but now ends at ${last}: it was replaced, or lost messages`,
    {
      hint: 'look at it with natsx stream info',
      details: { stream, acknowledged: place, last_seq: last },
    },
  );
}

/** The account maps the subject, or imports it from another account. */
function elsewhere(subject: string): NatsxError {
  return new NatsxError(
    'unhealthy',
    `no stream of this account stores ${quoted(subject)} itself, so it is unknown what arrived`,
    { details: { subject } },
  );
}

function unknownPlace(stream: string): NatsxError {
  return new NatsxError(
    'unhealthy',
    `the earlier end of the stream "${stream}" is not known, so it is unknown what arrived`,
    { details: { stream } },
  );
}
