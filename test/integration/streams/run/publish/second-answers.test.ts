import type { NatsConnection } from '@nats-io/transport-node';
import { expect, it, onTestFinished } from 'vitest';

import type { OutgoingMessage } from '../../../../../src/core/message/message.js';
import { eventually } from '../../../../support/eventually.js';
import { startNatsServer } from '../../../../support/nats-server.js';
import { patientManager } from '../../../../support/patient-jetstream.js';
import { fillStream, withConnection } from '../read/fixture.js';
import { numbered, published, stored } from './fixture.js';

const WINDOW = 500;
const BATCH = 2_000;
const ENOUGH_ANSWERS = 5_000;
const QUIET_MS = 200;

/** Answers each message after the stream has, but only once reply subjects come for the second time; or only listens. */
class LateAnswerer {
  heard = 0;
  answers = 0;
  repeats = false;
  readonly #connection: NatsConnection;
  readonly #answer: string | undefined;
  readonly #seen = new Set<string>();
  readonly #latest: string[] = [];

  constructor(connection: NatsConnection, answer?: string) {
    this.#connection = connection;
    this.#answer = answer;
    connection.subscribe('s.a', { callback: (_error, { reply = '' }) => this.#hear(reply) });
  }

  #hear(reply: string): void {
    this.heard += 1;
    if (this.#seen.has(reply)) this.repeats = true;
    this.#seen.add(reply);
    this.#latest.push(reply);
    // A message is sent only when the one a window before it is acknowledged.
    const before = this.#latest.length > WINDOW ? this.#latest.shift() : undefined;
    if (!this.repeats || before === undefined || this.#answer === undefined) return;
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

it('goes on with a stream that was made anew while nothing was published, and counts from 1 again', async () => {
  const server = await startNatsServer({ jetstream: true });
  await fillStream(server.url, { name: 'S' });
  await withConnection(server.url, async (connection) => {
    const other = new LateAnswerer(connection);
    await connection.flush();
    let sent = 0;
    let settled = 0;
    async function* source(): AsyncGenerator<readonly OutgoingMessage[]> {
      for await (const batch of until(other, () => other.repeats)) {
        sent += batch.length;
        yield batch;
      }
      await eventually('all are acknowledged', () => settled === sent);
      const sinceMs = performance.now();
      const manager = await patientManager(connection);
      await manager.streams.delete('S');
      await manager.streams.add({ name: 'S', subjects: ['s.>'] });
      // What is published at once after the last answer cannot find another stream.
      await eventually('it was quiet for a while', () => performance.now() - sinceMs > QUIET_MS);
      yield numbered(sent + 1, BATCH);
    }
    const result = await published([server.url], source(), {
      window: WINDOW,
      watch: (totals) => {
        const timer = setInterval(() => (settled = totals().stored), 5);
        onTestFinished(() => clearInterval(timer));
      },
    });
    expect(result.failure).toBeUndefined();
    expect(result).toMatchObject({ stored: sent + BATCH, inDoubt: 0, duplicates: 0 });
    expect((await stored(server.url)).length).toBe(BATCH);
  });
});
