import type { NatsConnection } from '@nats-io/transport-node';
import { expect, it } from 'vitest';

import type { OutgoingMessage } from '../../../../src/domain/message/message.js';
import { eventually } from '../../../support/eventually.js';
import { startNatsServer } from '../../../support/nats-server.js';
import { fillStream, withConnection } from '../stream/fixture.js';
import { numbered, published } from './fixture.js';

const WINDOW = 500;
const BATCH = 2_000;
const ENOUGH_ANSWERS = 5_000;

/** Answers each message after the stream has, but only once reply subjects come for the second time. */
class LateAnswerer {
  heard = 0;
  answers = 0;
  readonly #connection: NatsConnection;
  readonly #answer: string;
  readonly #seen = new Set<string>();
  readonly #latest: string[] = [];
  #repeats = false;

  constructor(connection: NatsConnection, answer: string) {
    this.#connection = connection;
    this.#answer = answer;
    connection.subscribe('s.a', { callback: (_error, { reply = '' }) => this.#hear(reply) });
  }

  #hear(reply: string): void {
    this.heard += 1;
    if (this.#seen.has(reply)) this.#repeats = true;
    this.#seen.add(reply);
    this.#latest.push(reply);
    // A message is sent only when the one a window before it is acknowledged.
    const before = this.#latest.length > WINDOW ? this.#latest.shift() : undefined;
    if (!this.#repeats || before === undefined) return;
    this.#connection.publish(before, this.#answer);
    this.answers += 1;
  }
}

async function* until(
  other: LateAnswerer,
  isOver: () => boolean,
): AsyncGenerator<readonly OutgoingMessage[]> {
  for (let sent = 0; !isOver(); sent += BATCH) {
    yield numbered(sent + 1, BATCH);
    await eventually('the other has heard most', () => other.heard + WINDOW >= sent);
  }
}

it.each([
  ['says something', 'hi'],
  ['is another stream', '{"stream":"OTHER", "seq":1}'],
  ['is a stream that acknowledges for the second time', '{"stream":"S", "seq":1}'],
])('takes a late answer for none when who answers %s', async (_who, answer) => {
  const server = await startNatsServer({ jetstream: true });
  await fillStream(server.url, { name: 'S' });
  await withConnection(server.url, async (connection) => {
    const other = new LateAnswerer(connection, answer);
    await connection.flush();
    const source = until(other, () => other.answers >= ENOUGH_ANSWERS);
    const result = await published([server.url], source, { window: WINDOW });
    expect(result.failure).toBeUndefined();
    expect(result).toMatchObject({ refused: 0, inDoubt: 0, unsent: 0, duplicates: 0 });
    expect(result.stored).toBe(result.fates.length);
    // Each message has the place that the stream gave it, and no other.
    const places = result.fates.map((fate) => fate.type === 'stored' && fate.ack.seq);
    expect(places).toEqual(Array.from(places, (_place, at) => at + 1));
  });
});
