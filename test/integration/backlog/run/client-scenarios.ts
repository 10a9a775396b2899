import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy } from '@nats-io/jetstream';
import { expect } from 'vitest';
import type { Bench, Look } from './bench.js';
import { work } from './bench.js';
import { fetchAndHang, settled, type Scenario } from './scenario.js';
import { patientClient } from '../../../support/patient-jetstream.js';

const SECOND = 1e9;
const never = (): Promise<never> => new Promise(() => undefined);

/** The verdict's sentence has these words, so that what it says is true of this situation. */
function says(...words: readonly string[]) {
  return ({ consumer }: Look): void => {
    for (const word of words) expect(consumer?.headline).toContain(word);
  };
}

/** Subscribes to the deliver subject as a member of the group, and answers or does not. */
async function member(bench: Bench, name: string, answers: boolean): Promise<void> {
  const client = await bench.client(name);
  client.subscribe(`push.${bench.stream}`, {
    queue: 'group',
    callback: (_, message) => {
      if (answers) message.respond('+ACK');
    },
  });
  await client.flush();
}

/** Three workers with a message each, which they work on for long and say so. */
async function workInProgress(bench: Bench): Promise<void> {
  await bench.publish(3);
  for (const name of ['long-1', 'long-2', 'long-3']) {
    const client = await bench.client(name);
    const consumer = await patientClient(client).consumers.get(bench.stream, 'worker');
    const message = await consumer.next();
    const timer = setInterval(() => message?.working(), 500);
    void client.closed().then(() => clearInterval(timer));
  }
  await settled(bench, (info) => info.num_ack_pending === 3);
}

/** Takes a message each 20 ms and answers flow control when its turn comes, as a slow program does. */
async function slowSubscriber(bench: Bench): Promise<void> {
  const client = await bench.client('slow subscriber');
  const subscription = client.subscribe(`push.${bench.stream}`);
  void (async () => {
    for await (const message of subscription) {
      if (message.reply?.startsWith('$JS.FC.') === true) message.respond();
      const stalled = message.headers?.get('Nats-Consumer-Stalled') ?? '';
      if (stalled !== '') client.publish(stalled);
      await sleep(20);
    }
  })().catch(() => undefined);
}

async function pushed(bench: Bench, config: object): Promise<void> {
  await bench.manager.consumers.add(bench.stream, {
    durable_name: 'worker',
    deliver_subject: `push.${bench.stream}`,
    ...config,
  });
}

async function comeAndGo(bench: Bench): Promise<void> {
  for (let place = 0; ; place += 1) {
    const name = `short-${String(place)}`;
    await bench.manager.consumers.add(bench.stream, { name, ack_policy: AckPolicy.Explicit });
    await bench.manager.consumers.delete(bench.stream, name);
    await sleep(50);
  }
}

/** Which of them expired and which were done is an estimate; that messages are lost is none. */
const HUNG_AT_THE_EDGE = {
  verdict: 'STALLED_MAX_ACK_PENDING',
  or: 'DATA_LOSS_IMMINENT',
} as const;

/** What can be told of the clients, and what cannot. */
export const CLIENTS: Readonly<Record<string, Scenario>> = {
  'a hung worker whose messages in flight expire': {
    stream: { max_age: 2 * SECOND, duplicate_window: SECOND },
    consumer: { max_ack_pending: 10 },
    provoke: async (bench) => {
      bench.publishSteadily(20);
      await work(bench, never, { batch: 5000 });
      await settled(bench, (info) => info.num_ack_pending === 10 && info.num_waiting > 0);
      // Until everything that was in flight has expired, and what took its place as well.
      await sleep(5000);
      for (let again = 0; again < 3; again += 1) {
        const { consumer } = await bench.look({ windowMs: 1500 });
        const seen = JSON.stringify({ motion: consumer?.facts?.motion, found: consumer?.findings });
        expect(consumer?.severity, seen).toBe('critical');
        expect(Object.values(HUNG_AT_THE_EDGE), seen).toContain(consumer?.verdict);
      }
    },
    ...HUNG_AT_THE_EDGE,
    also: ({ consumer }) => {
      expect(consumer?.facts?.keepsUp).toBe(false);
      expect(consumer?.severity).toBe('critical');
    },
  },
  'a member of a queue group that answers nothing': {
    consumer: null,
    provoke: async (bench) => {
      await pushed(bench, {
        deliver_group: 'group',
        ack_policy: AckPolicy.Explicit,
        ack_wait: SECOND,
        max_ack_pending: 50,
      });
      await member(bench, 'alive', true);
      await member(bench, 'deaf', false);
      bench.publishSteadily(60);
      await sleep(3000);
    },
    verdict: 'CLIENT_HUNG',
    also: says('The subscriber deaf', 'acknowledged none'),
  },
  'a subscriber that answers flow control slowly': {
    consumer: null,
    provoke: async (bench) => {
      await pushed(bench, {
        ack_policy: AckPolicy.None,
        flow_control: true,
        idle_heartbeat: SECOND,
      });
      await slowSubscriber(bench);
      await bench.publish(3000, undefined, 2000);
      bench.publishSteadily(200);
      await sleep(2000);
    },
    verdict: 'FLOW_CONTROL_STALL',
  },
  'pulls for more than the consumer allows, unheard': {
    consumer: { max_batch: 5 },
    provoke: async (bench) => {
      await bench.publish(30);
      await work(bench, ({ ack }) => ack());
      await sleep(500);
    },
    verdict: 'NO_CLIENT',
    also: says('max_batch of 5, which is refused'),
  },
  'a worker that hangs with an empty queue behind it': {
    provoke: async (bench) => {
      await work(bench, never);
      await bench.publish(40);
      await settled(bench, (info) => info.num_ack_pending === 40);
    },
    verdict: 'UNKNOWN',
    also: says('none finished', 'a worker that hangs'),
  },
  'acknowledgements that never arrive, within ack_wait': {
    provoke: async (bench) => {
      bench.publishSteadily(50);
      await work(bench, () => undefined);
      await sleep(500);
    },
    verdict: 'UNKNOWN',
    also: says('no acknowledgements'),
  },
  'acknowledgements that never arrive, past ack_wait': {
    consumer: { ack_wait: SECOND },
    provoke: async (bench) => {
      await bench.publish(50);
      await work(bench, () => undefined);
      await settled(bench, (info) => info.num_redelivered > 10);
    },
    verdict: 'REDELIVERY_LOOP',
    also: says('expires (no naks)', 'nothing is acknowledged at all'),
  },
  'one message at a time, later than ack_wait': {
    consumer: { ack_wait: SECOND },
    provoke: async (bench) => {
      bench.publishSteadily(2);
      await work(
        bench,
        async ({ ack }) => {
          await sleep(1500);
          ack();
        },
        { batch: 5 },
      );
      await settled(bench, (info) => info.num_pending > 8);
    },
    verdict: 'ACK_WAIT_TOO_SHORT',
  },
  'a long job with nothing behind it': {
    provoke: async (bench) => {
      await work(bench, never);
      await bench.publish(1);
      await settled(bench, (info) => info.num_ack_pending === 1 && info.num_waiting > 0);
    },
    verdict: 'OK',
  },
  'long jobs whose workers say that they are in progress, heard': {
    consumer: { ack_wait: 3 * SECOND, max_ack_pending: 3 },
    provoke: workInProgress,
    request: { taps: true, consumer: 'worker' },
    verdict: 'OK',
    also: says('a backlog of 3 messages'),
  },
  'long jobs whose workers say that they are in progress, unheard': {
    consumer: { ack_wait: 3 * SECOND, max_ack_pending: 3 },
    provoke: workInProgress,
    verdict: 'UNKNOWN',
    also: says('sends "in progress"', '--taps'),
  },
  'a reader that acknowledges nothing and is slow': {
    consumer: { ack_policy: AckPolicy.None },
    provoke: async (bench) => {
      bench.publishSteadily(200);
      await work(bench, () => sleep(30), { batch: 20 });
      await settled(bench, (info) => info.num_pending > 300);
    },
    verdict: 'LEFT_BEHIND_BY_DESIGN',
  },
  'a limit per subject that keeps only the newest': {
    stream: { max_msgs_per_subject: 1 },
    provoke: async (bench) => {
      const slowly = async ({ ack }: { readonly ack: () => void }): Promise<void> => {
        await sleep(40);
        ack();
      };
      await work(bench, slowly, { batch: 5 });
      const client = await bench.client('keys');
      let key = 0;
      const timer = setInterval(() => {
        for (let i = 0; i < 4; i += 1) client.publish(`${bench.stream}.k${String(key++ % 40)}`);
      }, 20);
      void client.closed().then(() => clearInterval(timer));
      await sleep(2000);
    },
    verdict: 'OK',
  },
  'two workers that hang at the same time': {
    consumer: { ack_wait: SECOND },
    provoke: async (bench) => {
      await bench.publish(40);
      await Promise.all([fetchAndHang(bench, 10, 'hung one'), fetchAndHang(bench, 10, 'hung two')]);
      await sleep(1200);
    },
    verdict: 'CLIENT_HUNG',
    // Whether one or both can be named depends on milliseconds; that the named one has all of them is not said.
    also: ({ consumer }) => {
      expect(consumer?.headline).toMatch(/\bhung (one|two) \(/);
      expect(consumer?.headline).toContain('20 messages');
      expect(consumer?.headline).not.toContain('holds 20 messages');
    },
  },
  'consumers that exist only for a moment': {
    provoke: async (bench) => {
      void comeAndGo(bench).catch(() => undefined);
      const consumer = await patientClient(bench.admin).consumers.get(bench.stream, 'worker');
      await consumer.info();
    },
    verdict: 'CONSUMER_CHURN',
    of: 'stream',
  },
};
