import { expect, it } from 'vitest';

import type { OutgoingMessage } from '../../../../../src/core/message/message.js';
import { eventually } from '../../../../support/eventually.js';
import { startNatsServer } from '../../../../support/nats-server.js';
import { fillStream, withConnection } from '../read/fixture.js';
import { numbered, published } from './fixture.js';

const WINDOW = 100;
const MESSAGES = 2_000;

it.each([
  ['a client', 'hi'],
  ['another stream', '{"stream":"OTHER", "seq":1}'],
  ['the stream itself', '{"stream":"S", "seq":1}'],
])('ignores a second answer from %s to a message that was acknowledged', async (_who, answer) => {
  const server = await startNatsServer({ jetstream: true });
  await fillStream(server.url, { name: 'S' });
  await withConnection(server.url, async (connection) => {
    const replySubjects: string[] = [];
    let answers = 0;
    connection.subscribe('s.a', {
      callback: (_error, { reply = '' }) => {
        replySubjects.push(reply);
        // A message is sent only when the one a window before it is acknowledged.
        if (replySubjects.length <= WINDOW) return;
        connection.publish(replySubjects.shift() ?? '', answer);
        answers += 1;
      },
    });
    await connection.flush();
    async function* source(): AsyncGenerator<readonly OutgoingMessage[]> {
      for (let sent = 0; sent < MESSAGES; sent += WINDOW) {
        yield numbered(sent + 1, WINDOW);
        await eventually('second answers were sent', () => answers >= sent - WINDOW);
      }
    }
    const result = await published([server.url], source(), { window: WINDOW });
    expect(answers).toBeGreaterThan(MESSAGES - 3 * WINDOW);
    expect(result.failure).toBeUndefined();
    expect(result).toMatchObject({ refused: 0, inDoubt: 0, unsent: 0, duplicates: 0 });
    // Each message has the place that the stream gave it, and no other.
    const places = result.fates.map((fate) => fate.type === 'stored' && fate.ack.seq);
    expect(places).toEqual(Array.from({ length: MESSAGES }, (_place, at) => at + 1));
  });
});
