import { expect, it } from 'vitest';

import { startListening } from '../../../../src/backlog/run/listening.js';
import { readWindow } from '../../../../src/backlog/run/window.js';
import type { BacklogRequest } from '../../../../src/backlog/model/request.js';
import { open, start } from './own-server.js';

function request(eventPrefix: string | undefined): BacklogRequest {
  const scope = { apiPrefix: '$JS.API', timeoutMs: 30_000, eventPrefix };
  return { stream: 'ORDERS', consumer: 'w', windowMs: 0, taps: false, coreOnly: false, scope };
}

it.each([
  [undefined, '$JS.EVENT', 1],
  ['events.hub', 'events.hub', 1],
  ['events.hub', '$JS.EVENT', 0],
])('with the event prefix %s, listens to %s: %i heard', async (prefix, announced, naked) => {
  const client = await open(await start({ jetstream: true }));
  const listener = startListening(client, request(prefix));
  const advisory = { stream: 'ORDERS', consumer: 'w', stream_seq: 3 };
  client.publish(`${announced}.ADVISORY.CONSUMER.MSG_NAKED.ORDERS.w`, JSON.stringify(advisory));
  await client.flush();
  listener?.stop();
  expect(listener?.advisories().get('ORDERS/w')?.naked ?? 0).toBe(naked);
});

it("does not listen to another domain's events, and says so", async () => {
  const client = await open(await start({ jetstream: true }));
  expect(startListening(client, request('$JS.hub.EVENT'))).toBeUndefined();
  const window = await readWindow(client, request('$JS.hub.EVENT'), new AbortController().signal);
  expect(JSON.stringify(window)).toContain('JetStream under $JS.hub.EVENT belongs to another');
});
