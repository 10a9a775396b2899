import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy, DiscardPolicy, RetentionPolicy, type JsMsg } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindingId } from '../../../../src/backlog/model/finding-id.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { patientClient } from '../../../support/patient-jetstream.js';
import { serverIsAtLeast } from '../../../support/server-version.js';
import { setUp, work } from './bench.js';
import { RARE } from './rare-scenarios.js';
import { CLIENTS } from './client-scenarios.js';
import { fetchAndHang, settled, type Scenario } from './scenario.js';

const HEALTHY: Readonly<Record<string, Scenario>> = {
  'nothing to do': { provoke: () => Promise.resolve(), verdict: 'OK' },
  'an idle worker': {
    provoke: async (bench) => {
      await bench.publish(20);
      await work(bench, ({ ack }) => ack());
      await settled(bench, (info) => info.num_pending === 0 && info.num_ack_pending === 0);
    },
    verdict: 'OK',
  },
  'a busy worker': {
    provoke: async (bench) => {
      await work(bench, ({ ack }) => ack());
      bench.publishSteadily(50);
    },
    verdict: 'OK',
    also: ({ consumer }) => {
      expect(consumer?.facts?.pace?.publishPerS).toBeGreaterThan(0);
      expect(consumer?.facts?.pace?.settlePerS).toBeGreaterThan(0);
    },
  },
  'a batch job every second': {
    provoke: async (bench) => {
      bench.publishSteadily(100);
      const consumer = await patientClient(await bench.client('job')).consumers.get(
        bench.stream,
        'worker',
      );
      void (async () => {
        for (;;) {
          const batch = await consumer.fetch({ max_messages: 1000, expires: 1000 });
          for await (const message of batch) {
            message.ack();
            if (message.info.pending === 0) break;
          }
          await sleep(1000);
        }
      })().catch(() => undefined);
    },
    verdict: 'OK',
  },
  'a large backlog that drains': {
    provoke: async (bench) => {
      await bench.publish(4000);
      await work(
        bench,
        async ({ ack }) => {
          await sleep(1);
          ack();
        },
        { batch: 20 },
      );
    },
    verdict: 'OK',
  },
};

const SICK: Readonly<Record<string, Scenario>> = {
  'no client ever pulls': { provoke: (bench) => bench.publish(30), verdict: 'NO_CLIENT' },
  'a paused consumer': {
    since: '2.11',
    provoke: async (bench) => {
      await bench.publish(30);
      await bench.manager.consumers.pause(bench.stream, 'worker', new Date(Date.now() + 3_600_000));
    },
    verdict: 'PAUSED',
  },
  'push without a subscriber': {
    consumer: { deliver_subject: 'push.nobody' },
    provoke: (bench) => bench.publish(30),
    verdict: 'PUSH_UNBOUND',
  },
  'a worker that hangs, within ack_wait': {
    provoke: async (bench) => {
      await bench.publish(30);
      await fetchAndHang(bench, 10);
    },
    verdict: 'CLIENT_HUNG',
  },
  'a worker that hangs, past ack_wait': {
    consumer: { ack_wait: 1e9 },
    provoke: async (bench) => {
      await bench.publish(30);
      await fetchAndHang(bench, 10, 'hanging worker');
      await sleep(1200);
    },
    verdict: 'CLIENT_HUNG',
    also: ({ consumer }) => expect(consumer?.headline).toContain('hanging worker'),
  },
  'a worker that died with work, past ack_wait': {
    consumer: { ack_wait: 1e9 },
    provoke: async (bench) => {
      await bench.publish(30);
      const connection = await bench.client('dying');
      // Later than the neighbours, whose last traffic would else be at the same moment.
      await sleep(600);
      const consumer = await patientClient(connection).consumers.get(bench.stream, 'worker');
      let taken = 0;
      for await (const { seq } of await consumer.fetch({ max_messages: 10, expires: 20_000 }))
        if (seq > 0 && ++taken === 10) break;
      await connection.close();
      await sleep(1200);
    },
    verdict: 'CLIENT_GONE_WITH_WORK',
  },
  'max_ack_pending reached, nothing acknowledged': {
    consumer: { max_ack_pending: 5 },
    provoke: async (bench) => {
      await bench.publish(30);
      await work(bench, () => undefined);
      await settled(bench, (info) => info.num_ack_pending === 5 && info.num_waiting > 0);
    },
    verdict: 'STALLED_MAX_ACK_PENDING',
  },
  'max_ack_pending taken up by delayed retries': {
    consumer: { max_ack_pending: 5 },
    provoke: async (bench) => {
      await bench.publish(30);
      await work(bench, ({ nak }) => nak(700));
      await settled(bench, (info) => info.num_redelivered === 5);
    },
    verdict: 'DELAYED_NAK_FULL',
  },
  'the same, with long delays': {
    consumer: { max_ack_pending: 5 },
    provoke: async (bench) => {
      await bench.publish(30);
      await work(bench, ({ nak, deliveries }) => nak(deliveries > 1 ? 60_000 : 100));
      await settled(bench, (info) => info.num_redelivered === 5);
    },
    verdict: 'DELAYED_NAK_FULL',
  },
  'retries delayed beyond ack_wait, long ago': {
    consumer: { max_ack_pending: 5, ack_wait: 5e8 },
    provoke: async (bench) => {
      await bench.publish(30);
      await work(bench, ({ nak }) => nak(60_000));
      await settled(bench, (info) => info.num_ack_pending === 5 && info.num_waiting > 0);
      await sleep(1500);
    },
    request: { windowMs: 1000 },
    verdict: 'DELAYED_NAK_FULL',
  },
  'a worker that stopped half-way through its batch, past ack_wait': {
    consumer: { ack_wait: 1e9 },
    provoke: async (bench) => {
      await bench.publish(30);
      const client = await bench.client('half-way');
      const consumer = await patientClient(client).consumers.get(bench.stream, 'worker');
      const batch: JsMsg[] = [];
      for await (const message of await consumer.fetch({ max_messages: 8, expires: 20_000 }))
        if (batch.push(message) === 8) break;
      await sleep(300);
      for (const message of batch.slice(0, 3)) message.ack();
      await client.flush();
      await sleep(1500);
    },
    request: { windowMs: 1000 },
    verdict: 'CLIENT_HUNG',
    also: ({ consumer }) => expect(consumer?.headline).toContain('half-way'),
  },
  'too slow and growing': {
    provoke: async (bench) => {
      bench.publishSteadily(200);
      await work(
        bench,
        async ({ ack }) => {
          await sleep(20);
          ack();
        },
        { batch: 5 },
      );
      await settled(bench, (info) => info.num_pending > 300);
    },
    verdict: 'SLOW_PROCESSING',
  },
  'ack_wait shorter than the work': {
    consumer: { ack_wait: 1e9 },
    provoke: async (bench) => {
      bench.publishSteadily(20);
      await bench.publish(200);
      await work(
        bench,
        async ({ ack }) => {
          await sleep(300);
          ack();
        },
        { batch: 10 },
      );
      await settled(bench, (info) => info.num_redelivered > 0);
    },
    verdict: 'ACK_WAIT_TOO_SHORT',
  },
  'the same messages redelivered over and over': {
    provoke: async (bench) => {
      await bench.publish(20);
      await work(
        bench,
        async ({ nak }) => {
          await sleep(5);
          nak();
        },
        { batch: 10 },
      );
      await settled(bench, (info) => info.num_redelivered >= 5);
    },
    verdict: 'REDELIVERY_LOOP',
  },
  'one message never finished': {
    consumer: { ack_wait: 1e9 },
    provoke: async (bench) => {
      bench.publishSteadily(50);
      await work(bench, ({ ack, seq }) => {
        if (seq !== 3) ack();
      });
      await sleep(3500);
    },
    verdict: 'POISON_AT_FLOOR',
  },
  'given up after all tries': {
    consumer: { max_deliver: 2, ack_wait: 1e9 },
    provoke: async (bench) => {
      await bench.publish(5);
      await work(bench, ({ nak }) => nak());
      await settled(bench, (info) => info.num_ack_pending === 0 && info.num_pending === 0);
    },
    verdict: 'EXHAUSTED',
  },
  'given up on a queue, with one try': {
    stream: { retention: RetentionPolicy.Workqueue },
    consumer: { max_deliver: 1, ack_wait: 1e9 },
    provoke: async (bench) => {
      await bench.publish(5);
      await work(bench, () => undefined);
      await settled(bench, (info) => info.num_ack_pending === 0 && info.num_pending === 0);
    },
    verdict: 'EXHAUSTED',
  },
  'max_waiting reached': {
    consumer: { max_waiting: 2 },
    provoke: async (bench) => {
      for (const name of ['a', 'b']) await work(bench, ({ ack }) => ack(), { name });
      await settled(bench, (info) => info.num_waiting === 2);
    },
    verdict: 'MAX_WAITING_FULL',
  },
  'a pull that is too small for the next message': {
    provoke: async (bench) => {
      await bench.publish(3, undefined, 5000);
      const client = await bench.client('small');
      const pull = JSON.stringify({ batch: 1, expires: 1e9, max_bytes: 1000 });
      const timer = setInterval(
        () =>
          client.publish(`$JS.API.CONSUMER.MSG.NEXT.${bench.stream}.worker`, pull, {
            reply: '_INBOX.small.1',
          }),
        300,
      );
      void client.closed().then(() => clearInterval(timer));
    },
    request: { taps: true },
    verdict: 'PULL_MAX_BYTES_TOO_SMALL',
  },
  'rate limit used up': {
    consumer: {
      deliver_subject: 'push.limited',
      ack_policy: AckPolicy.None,
      rate_limit_bps: 80_000,
    },
    provoke: async (bench) => {
      (await bench.client('sub')).subscribe('push.limited', { callback: () => undefined });
      await bench.publish(1500, undefined, 2000);
      bench.publishSteadily(20);
      await sleep(500);
    },
    verdict: 'RATE_LIMITED',
  },
  'limits that discarded unread messages': {
    stream: { max_msgs: 5 },
    provoke: (bench) => bench.publish(12),
    verdict: 'NO_CLIENT',
    also: ({ consumer }) => {
      expect(
        consumer?.findings.find(({ id }) => id === 'UNREAD_EVICTED')?.evidence['evicted_unread'],
      ).toBe(7);
      expect(consumer?.headline).toContain('7 unread messages are lost already');
    },
  },
  'unread messages about to expire': {
    stream: { max_age: 60e9 },
    provoke: (bench) => bench.publish(10),
    verdict: 'NO_CLIENT',
    also: ({ consumer }) => {
      const loss = consumer?.findings.find(({ id }) => id === 'DATA_LOSS_IMMINENT');
      expect(loss?.evidence['time_to_loss_s']).toBeGreaterThan(30);
      expect(loss?.evidence['time_to_loss_s']).toBeLessThan(60);
    },
  },
  'a full stream that refuses': {
    stream: { max_msgs: 5, discard: DiscardPolicy.New },
    provoke: (bench) => bench.publish(5),
    verdict: 'PUBLISHERS_REJECTED',
    of: 'stream',
  },
  'a work queue with a gap in its filters': {
    stream: { retention: RetentionPolicy.Workqueue },
    consumer: null,
    provoke: async (bench) => {
      await bench.manager.consumers.add(bench.stream, {
        durable_name: 'worker',
        ack_policy: AckPolicy.Explicit,
        filter_subject: `${bench.stream}.a`,
      });
      await bench.publish(5, `${bench.stream}.a`);
      await bench.publish(5, `${bench.stream}.b`);
    },
    verdict: 'WQ_FILTER_GAP',
    of: 'stream',
    also: ({ stream }) => expect(stream.headline).toContain(`${stream.name}.b`),
  },
  'an interest stream without consumers': {
    stream: { retention: RetentionPolicy.Interest },
    consumer: null,
    provoke: (bench) => {
      bench.publishSteadily(20);
      return Promise.resolve();
    },
    verdict: 'INTEREST_NO_CONSUMER',
    of: 'stream',
  },
};

interface Row {
  readonly name: string;
  readonly verdict: FindingId;
  readonly seconds: number;
}

const PAGE = new URL('../../../../docs/diagnosis.md', import.meta.url);

/** The table of docs/diagnosis.md comes from here: `NATSX_WRITE_DOCS=1 npx vitest run …`. */
function writeTable(rows: readonly Row[]): void {
  const order = Object.keys({ ...HEALTHY, ...SICK, ...RARE, ...CLIENTS });
  const lines = rows
    .toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
    .map(({ name, verdict, seconds }) => `| ${name} | \`${verdict}\` | ${seconds.toFixed(1)}s |`);
  const table = [
    '| what happens | first verdict | time to verdict |',
    '| --- | --- | --- |',
    ...lines,
  ].join('\n');
  const page = readFileSync(PAGE, 'utf8');
  const marked = /(<!-- scenarios -->)[^]*(<!-- end of scenarios -->)/;
  writeFileSync(PAGE, page.replace(marked, `$1\n\n${table}\n\n$2`));
}

describe('the verdict on a real consumer', () => {
  let server: NatsServer;
  const rows: Row[] = [];
  beforeAll(async () => {
    server = await startNatsServer({ jetstream: true });
  });
  afterAll(async () => {
    await server.stop();
    if (process.env['NATSX_WRITE_DOCS'] !== undefined) writeTable(rows);
  });

  const all = Object.entries({ ...HEALTHY, ...SICK, ...RARE, ...CLIENTS });
  it.concurrent.for(all)('%s', async ([name, scenario], { skip }) => {
    const { since = '2.9' } = scenario;
    if (!(await serverIsAtLeast(since))) skip(`needs nats-server ${since}`);
    const bench = await setUp(server.url, scenario);
    try {
      await scenario.provoke(bench);
      const startMs = performance.now();
      const look = await bench.look(scenario.request, scenario.thresholds);
      const seconds = (performance.now() - startMs) / 1000;
      const found = scenario.of === 'stream' ? look.stream : look.consumer;
      const accepted = [scenario.verdict, ...(scenario.or === undefined ? [] : [scenario.or])];
      expect(
        accepted,
        JSON.stringify({
          verdict: found?.verdict,
          findings: found?.findings,
          motion: look.consumer?.facts?.motion,
          clients: look.consumer?.facts?.clients,
          tap: look.consumer?.facts?.lookups.tap,
        }),
      ).toContain(found?.verdict);
      scenario.also?.(look);
      rows.push({ name, verdict: scenario.verdict, seconds });
    } finally {
      await bench.close();
    }
  });
});
