import { AckPolicy, StorageType, type JsMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backlogSubjects, peek } from '../../../../src/backlog/run/peek.js';
import { skip } from '../../../../src/streams/run/manage/consumer-skip.js';
import { eventually } from '../../../support/eventually.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { patientClient } from '../../../support/patient-jetstream.js';
import { requires } from '../../../support/server-version.js';
import { setUp, type Bench } from './bench.js';

const scope = { apiPrefix: '$JS.API', timeoutMs: 30_000 };
const consumer = 'eu';

let server: NatsServer;
let bench: Bench;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});
beforeEach(async () => {
  bench = await setUp(server.url, { stream: { allow_direct: true }, consumer: null });
});
afterEach(() => bench.close());
afterAll(() => server.stop());

/** Every third of 60 messages is the consumer's; it has taken six of them and acknowledged the first and the fourth. */
async function outOfOrder(): Promise<void> {
  const { manager, stream } = bench;
  await manager.consumers.add(stream, {
    durable_name: consumer,
    ack_policy: AckPolicy.Explicit,
    filter_subject: `${stream}.eu.*`,
  });
  for (let index = 0; index < 60; index += 1) {
    const kind = index % 3 === 0 ? 'eu' : 'us';
    await bench.publish(1, `${stream}.${kind}.${String(index % 5)}`);
  }
  const reader = await patientClient(bench.admin).consumers.get(stream, consumer);
  const taken: JsMsg[] = [];
  for await (const message of await reader.fetch({ max_messages: 6, expires: 5000 })) {
    taken.push(message);
    if (taken.length === 6) break;
  }
  taken[0]?.ack();
  taken[3]?.ack();
  await eventually('both are acknowledged', async () => (await state()).num_ack_pending === 4);
}

async function state() {
  return { ...(await bench.manager.consumers.info(bench.stream, consumer)), ts: undefined };
}

describe('looking at messages', () => {
  it('leaves the consumer as it was, and makes none', async () => {
    await outOfOrder();
    const advisories: string[] = [];
    bench.admin.subscribe('$JS.EVENT.ADVISORY.CONSUMER.>', {
      callback: (_error, { subject }) => void advisories.push(subject),
    });
    await bench.admin.flush();
    const before = await state();
    const { stream } = bench;
    const { messages } = await peek(bench.admin, { stream, consumer, count: 8, scope });
    await backlogSubjects(bench.admin, { stream, consumer, top: 5, scope });
    expect(messages.map(({ stored }) => stored.seq)).toEqual([4, 7, 10, 13, 16, 19, 22, 25]);
    expect(messages.map(({ delivered }) => delivered)).toEqual(
      [4, 7, 10, 13, 16, 19, 22, 25].map((seq) => seq <= 16),
    );
    expect(await state()).toEqual(before);
    expect((await bench.manager.streams.info(stream)).state.consumer_count).toBe(1);
    await bench.admin.flush();
    expect(advisories).toEqual([]);
  });

  it('tells a republished message by its own place, with the headers that it came with', async () => {
    const { admin, manager, stream } = bench;
    await manager.consumers.add(stream, { durable_name: consumer, ack_policy: AckPolicy.Explicit });
    const elsewhere = headers();
    elsewhere.set('Nats-Stream', 'ELSEWHERE');
    elsewhere.set('Nats-Sequence', '999');
    elsewhere.set('Nats-Time-Stamp', '2020-01-01T00:00:00Z');
    elsewhere.append('Trace', 'a');
    elsewhere.append('Trace', 'b');
    await patientClient(admin).publish(`${stream}.new`, 'x', { headers: elsewhere });
    const { messages } = await peek(admin, { stream, consumer, count: 1, scope });
    const [{ stored, ageMs } = expect.fail('no message')] = messages;
    expect(stored).toMatchObject({ stream, seq: 1 });
    expect(ageMs).toBeLessThan(Date.now() - Date.parse('2020-01-02T00:00:00Z'));
    expect([...(stored.message.headers ?? [])]).toEqual([
      ['Nats-Stream', ['ELSEWHERE']],
      ['Nats-Sequence', ['999']],
      ['Nats-Time-Stamp', ['2020-01-01T00:00:00Z']],
      ['Trace', ['a', 'b']],
    ]);
  });

  it('counts by subject what lies behind the floor, and says that some of it may be acknowledged', async () => {
    await requires('2.11');
    await outOfOrder();
    const { stream } = bench;
    const found = await backlogSubjects(bench.admin, { stream, consumer, top: 2, scope });
    const counts = new Map<string, number>();
    for (let seq = 4; seq <= 60; seq += 1) {
      const subject = (await bench.manager.streams.getMessage(stream, { seq }))?.subject ?? '';
      if (subject.includes('.eu.')) counts.set(subject, (counts.get(subject) ?? 0) + 1);
    }
    expect(found).toMatchObject({ subjectCount: 5, messages: 19, inexact: 'acknowledged' });
    expect(found.subjects).toHaveLength(2);
    for (const { subject, messages } of found.subjects) expect(counts.get(subject)).toBe(messages);
  });
});

describe('a new start', () => {
  it.each([
    { seq: 31, exact: true },
    { seq: 17, exact: true },
    { seq: 12, exact: false },
  ])('at $seq tells what is skipped', async ({ seq, exact }) => {
    await requires('2.14');
    await outOfOrder();
    const before = await state();
    const target = { stream: bench.stream, consumer, scope, apply: true };
    const { skipped, inFlight, recreated } = await skip(bench.admin, target, { seq });
    const after = await state();
    expect({ exact: skipped.least === skipped.most, inFlight, recreated }).toEqual({
      exact,
      inFlight: 4,
      recreated: false,
    });
    const gone = before.num_pending + before.num_ack_pending - after.num_pending;
    if (exact) expect(skipped.most).toBe(gone);
  });

  it('counts every subject of a long list, and finds the largest on its last page', async () => {
    const { admin, manager, stream } = bench;
    const name = `${stream}-LONG`;
    await manager.streams.add({ name, subjects: ['long.>'], storage: StorageType.Memory });
    // One page has 100,000 subjects, in the order of their names.
    const subjects = 100_003;
    for (let id = 0; id < subjects; id += 1) admin.publish(`long.${String(id).padStart(6, '0')}`);
    for (let more = 0; more < 4; more += 1) admin.publish(`long.${String(subjects - 1)}`);
    await admin.flush();
    await eventually(
      'all are stored',
      async () => (await manager.streams.info(name)).state.messages === subjects + 4,
    );
    const counted = await backlogSubjects(admin, { stream: name, top: 1, scope });
    expect(counted).toMatchObject({
      subjectCount: subjects,
      messages: subjects + 4,
      inexact: undefined,
      subjects: [{ subject: `long.${String(subjects - 1)}`, messages: 5 }],
    });
    await manager.streams.delete(name);
  });
});
