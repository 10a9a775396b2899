import { onTestFinished } from 'vitest';

import {
  publishAcknowledged,
  type AcknowledgedRequest,
} from '../../../../../src/streams/run/publish/publish-acknowledged.js';
import type { AcknowledgedResult } from '../../../../../src/streams/model/acknowledged-result.js';
import type { PublishFate } from '../../../../../src/streams/model/publish-fate.js';
import type { OutgoingMessage } from '../../../../../src/core/message/message.js';
import { withMessageId } from '../../../../../src/core/message/message-id.js';
import type { SessionTarget } from '../../../../../src/wire/open-session.js';
import type { NatsServer } from '../../../../support/nats-server.js';
import { dialTo } from '../../../wire/dialled.js';
import { readBack } from '../read/fixture.js';

const BATCH = 500;

/** Numbered messages, with an id each when `id` is given. */
export function numbered(from: number, count: number, id?: string): OutgoingMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const message = { subject: 's.a', payload: Buffer.from(`message ${number}`) };
    return id === undefined ? message : withMessageId(message, `${id}-${number}`);
  });
}

/** Steps of a source: messages that are handed out in small batches, or something to be done or waited for. */
export type Step = readonly OutgoingMessage[] | (() => unknown);

export async function* steps(...all: readonly Step[]): AsyncGenerator<readonly OutgoingMessage[]> {
  for (const step of all) {
    if (typeof step === 'function') {
      await step();
      continue;
    }
    for (let at = 0; at < step.length; at += BATCH) yield step.slice(at, at + BATCH);
  }
}

/** Messages before a server is killed and started again, and those that are published meanwhile. */
export function throughKill(
  server: NatsServer,
  before: readonly OutgoingMessage[],
  meanwhile: readonly OutgoingMessage[],
): AsyncGenerator<readonly OutgoingMessage[]> {
  let restarted = Promise.resolve();
  const restart = (): void => void (restarted = server.restart({ signal: 'SIGKILL' }));
  return steps(before, restart, meanwhile, () => restarted);
}

export interface Published extends AcknowledgedResult {
  /** In order: the number of the message, and what became of it. */
  readonly fates: readonly PublishFate[];
  readonly payloads: readonly string[];
  readonly events: readonly string[];
}

export interface Differing extends Partial<Omit<AcknowledgedRequest, 'source'>> {
  readonly timeoutMs?: number;
  readonly giveUpAfterMs?: number;
  readonly user?: string;
  readonly signal?: AbortSignal;
}

/** Publishes and keeps what became of each message. */
export async function published(
  urls: readonly string[],
  source: AsyncGenerator<readonly OutgoingMessage[]>,
  differing: Differing = {},
): Promise<Published> {
  const { timeoutMs = 5_000, giveUpAfterMs = 90_000, user, signal, ...request } = differing;
  const fates: PublishFate[] = [];
  const payloads: string[] = [];
  const events: string[] = [];
  const credentials = () => (user === undefined ? {} : { user, password: 'x' });
  const target: SessionTarget = {
    dial: { ...dialTo(urls[0] ?? '', { credentials }), servers: urls },
    policy: { waitForServerMs: 0, giveUpAfterMs, onEvent: ({ type }) => events.push(type) },
    version: '0.0.0',
  };
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const result = await publishAcknowledged(
    target,
    {
      source: () => source,
      pace: { type: 'unlimited' },
      scope: { apiPrefix: '$JS.API', timeoutMs },
      window: 500,
      retryForMs: undefined,
      keepGoing: false,
      readToEnd: false,
      ttl: undefined,
      ready: () => Promise.resolve(),
      ...request,
      onSettled: (number, message, fate) => {
        if (number !== fates.length) throw new Error(`message ${number} is out of order`);
        fates.push(fate);
        payloads.push(Buffer.from(message.payload).toString());
      },
    },
    signal ?? stop.signal,
  );
  return { ...result, fates, payloads, events };
}

/** The payloads in the stream, in order. */
export async function stored(url: string, stream = 'S'): Promise<readonly string[]> {
  return (await readBack(url, { stream })).texts;
}
