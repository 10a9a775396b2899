import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { changeConsumer } from '../../../../../src/streams/run/manage/consumer-edit.js';
import { removeConsumer } from '../../../../../src/streams/run/manage/consumer-remove.js';
import { skip } from '../../../../../src/streams/run/manage/consumer-skip.js';
import { changeStream } from '../../../../../src/streams/run/manage/stream-edit.js';
import { removeMessage } from '../../../../../src/streams/run/manage/stream-messages.js';
import { purge } from '../../../../../src/streams/run/manage/stream-purge.js';
import type { LossRange } from '../../../../../src/streams/model/losses.js';
import type { JsonObject } from '../../../../../src/core/message/exact-json.js';
import { NatsxError } from '../../../../../src/core/errors.js';
import { connectClient, type Client } from '../../../../../src/connection/connect.js';
import { eventually } from '../../../../support/eventually.js';
import { fuzzSettings, leaveFigures } from '../../../../fuzz/settings.js';
import { startNatsServer, type NatsServer } from '../../../../support/nats-server.js';
import { serverIsAtLeast } from '../../../../support/server-version.js';

/**
 * Random histories of a stream and its consumers beside a real server: what natsx says that a change removes is what
 * goes. `npm run fuzz` looks longer; `NATSX_MODEL_RUNS=500` does so here, and `NATSX_FUZZ_SEED=N` repeats a run.
 */
const { seed: SEED, minutes } = fuzzSettings();
const RUNS = minutes === undefined ? Number(process.env['NATSX_MODEL_RUNS'] ?? 10) : 1e6;
/** A run that is being looked into is shrunk, which takes its time too. */
const patienceMs = 600_000 + (minutes ?? 0) * 120_000;
const scope = { apiPrefix: '$JS.API', timeoutMs: 30_000 };

let server: NatsServer;
let client: Client;
let manager: JetStreamManager;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  const dial = {
    servers: [server.url],
    name: 'natsx model',
    credentials: () => ({}),
    tls: undefined,
    tlsFirst: false,
    inboxPrefix: '_INBOX',
    timeoutMs: 30_000,
  };
  const policy = { waitForServerMs: 0, giveUpAfterMs: 30_000, onEvent: () => undefined };
  client = await connectClient(dial, policy, new AbortController().signal);
  manager = await jetstreamManager(client.connection);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const SUBJECTS = ['a', 'b', 'c'] as const;
const NAMES = ['x', 'y', 'z'] as const;

const name = fc.constantFrom(...NAMES);
const small = fc.nat({ max: 12 });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      subject: fc.constantFrom(...SUBJECTS),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      name,
      filter: fc.constantFrom('a', 'b', 'c', '*'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      name,
      count: fc.integer({ min: 1, max: 5 }),
      acknowledges: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rm' as const), name }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('filter' as const),
      name,
      filter: fc.constantFrom('a', 'b', '*'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('skip' as const), name, by: small }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('limit' as const),
      key: fc.constantFrom('max_msgs', 'max_msgs_per_subject', 'max_bytes'),
      value: small,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      flags: fc.constantFrom<JsonObject>(
        { retention: 'interest' },
        { retention: 'limits' },
        { discard: 'new' },
        { discard: 'old' },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('purge' as const),
      subject: fc.option(fc.constantFrom(...SUBJECTS)),
      before: fc.option(small),
      keep: small,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rm-msg' as const), at: small }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What was said of a change, and what the server then did. */
class History {
  readonly #stream: string;
  readonly told: string[] = [];

  constructor(stream: string) {
    this.#stream = stream;
  }

  async take(one: Step): Promise<void> {
    this.told.push(JSON.stringify(one));
    try {
      await this.#take(one);
    } catch (error) {
      // What natsx or the server refuses changes nothing.
      if (
        !(error instanceof NatsxError) ||
        !['usage', 'rejected', 'not-found'].includes(error.kind)
      )
        throw error;
    }
  }

  async #take(one: Step): Promise<void> {
    const stream = this.#stream;
    switch (one.do) {
      case 'publish': {
        for (let at = 0; at < one.count; at += 1)
          await client.connection.request(`${stream}.${one.subject}`, 'x'.repeat(20));
        return;
      }
      case 'create': {
        const config = {
          durable_name: one.name,
          ack_policy: 'explicit',
          filter_subject: `${stream}.${one.filter}`,
        };
        await manager.consumers.add(stream, config as never).catch(() => undefined);
        return;
      }
      case 'take':
        return this.#deliver(one.name, one.count, one.acknowledges);
      case 'rm':
        return this.#holds((apply) =>
          removeConsumer(client, scope, { stream, consumer: one.name, apply }),
        );
      case 'filter': {
        const flags = { filter_subject: `${stream}.${one.filter}` };
        return this.#holds((apply) =>
          changeConsumer(client, scope, { stream, name: one.name, flags, file: undefined, apply }),
        );
      }
      case 'skip': {
        const { state } = await manager.streams.info(stream);
        const seq = Math.max(1, state.last_seq + 1 - one.by);
        return this.#skips({ consumer: one.name, seq });
      }
      case 'limit':
        return this.#edits({ [one.key]: (one.value + 1) * (one.key === 'max_bytes' ? 60 : 1) });
      case 'edit':
        return this.#edits(one.flags);
      case 'purge': {
        const { state } = await manager.streams.info(stream);
        const filter = one.subject === null ? undefined : `${stream}.${one.subject}`;
        const place =
          one.before === null
            ? { keep: one.keep }
            : { seq: Math.max(1, state.last_seq + 1 - one.before) };
        return this.#holds(async (apply) => {
          const { expected } = await purge(client, scope, {
            stream,
            choice: { filter, ...place },
            apply,
          });
          if (expected === undefined) throw new Error('a purge must know how many messages go');
          return { removes: { least: expected, most: expected } };
        });
      }
      case 'rm-msg': {
        const { state } = await manager.streams.info(stream);
        const seq = Math.max(1, state.last_seq - one.at);
        return this.#holds(async (apply) => {
          await removeMessage(client, scope, { stream, seq, erase: false, apply });
          return { removes: { least: 1, most: 1 } };
        });
      }
    }
  }

  #edits(flags: JsonObject): Promise<void> {
    return this.#holds((apply) =>
      changeStream(client, scope, { name: this.#stream, flags, file: undefined, apply }),
    );
  }

  /** What is skipped goes only where a stream keeps messages for its consumers; what it then waits for is counted. */
  async #skips({
    consumer,
    seq,
  }: {
    readonly consumer: string;
    readonly seq: number;
  }): Promise<void> {
    const stream = this.#stream;
    const target = { stream, consumer, scope };
    const before = await manager.consumers.info(stream, consumer).catch(() => undefined);
    const { config } = await manager.streams.info(stream);
    await this.#holds(async (apply) => {
      const { losses, skipped, again } = await skip(
        client.connection,
        { ...target, apply },
        { seq },
      );
      const none = (config.retention as string) !== 'interest' || losses.length === 0;
      const most = none ? 0 : skipped.most;
      if (apply && before !== undefined && again.most === 0 && skipped.least === skipped.most) {
        const after = await manager.consumers.info(stream, consumer);
        const waited = before.num_pending + before.num_ack_pending;
        expect(waited - after.num_pending, 'skipped').toBe(skipped.most);
      }
      return { removes: { least: 0, most } };
    });
  }

  async #deliver(consumer: string, count: number, acknowledges: readonly boolean[]): Promise<void> {
    const info = await manager.consumers.info(this.#stream, consumer).catch(() => undefined);
    if (info === undefined || info.num_pending === 0) return;
    const reader = await jetstream(client.connection).consumers.get(this.#stream, consumer);
    const wanted = Math.min(count, info.num_pending);
    const taken = await reader.fetch({ max_messages: wanted, expires: 1_000 });
    let at = 0;
    for await (const message of taken) {
      if (acknowledges[at] === true) await message.ackAck();
      at += 1;
    }
  }

  /** Looks, then does it, and holds what was said against what went. */
  async #holds(
    change: (apply: boolean) => Promise<{ readonly removes?: LossRange | undefined }>,
  ): Promise<void> {
    const before = await this.#messages();
    const looked = await change(false);
    expect(await this.#messages(), 'looking removes nothing').toBe(before);
    const done = await change(true);
    const { least, most } = looked.removes ?? { least: 0, most: 0 };
    expect(done.removes, 'the same is said when it is done').toEqual(looked.removes);
    await eventually(
      'as many went as was said',
      async () => before - (await this.#messages()) >= least,
      { timeoutMs: 10_000 },
    );
    const went = before - (await this.#still());
    this.told.push(`said ${least} to ${most}, went ${went}`);
    expect(went, 'no more went than was said').toBeLessThanOrEqual(most);
    expect(went, 'no fewer went than was said').toBeGreaterThanOrEqual(least);
  }

  async #messages(): Promise<number> {
    return (await manager.streams.info(this.#stream)).state.messages;
  }

  /** The number of messages once three looks agree. */
  async #still(): Promise<number> {
    const seen: number[] = [];
    await eventually('the stream stands still', async () => {
      seen.push(await this.#messages());
      return seen.length >= 3 && new Set(seen.slice(-3)).size === 1;
    });
    return seen.at(-1) ?? 0;
  }
}

let streams = 0;

it(
  'what a change is said to remove is what goes',
  async () => {
    console.info(`model of changes: seed ${SEED}, ${RUNS} runs`);
    const retention = fc.constantFrom('limits', 'interest', 'interest', 'workqueue');
    const storage = fc.constantFrom('memory', 'file');
    const options = fc.record({ retention, storage, allow_direct: fc.boolean() });
    // Older servers cannot skip there, and go on removing messages of a stream that had interest retention before.
    const isNew = await serverIsAtLeast('2.14');
    const isTaken = (one: Step): boolean => isNew || (one.do !== 'skip' && one.do !== 'edit');
    const startedMs = Date.now();
    await fc.assert(
      fc.asyncProperty(
        options,
        fc.array(step, { minLength: 8, maxLength: 25 }),
        async (config, steps) => {
          streams += 1;
          const stream = `M${streams}`;
          await manager.streams.add({ name: stream, subjects: [`${stream}.*`], ...config });
          const history = new History(stream);
          try {
            for (const one of steps) if (isTaken(one)) await history.take(one);
          } catch (error) {
            throw new Error(`${JSON.stringify(config)}\n${history.told.join('\n')}`, {
              cause: error,
            });
          } finally {
            await manager.streams.delete(stream);
          }
        },
      ),
      {
        seed: SEED,
        numRuns: RUNS,
        ...(minutes !== undefined && { interruptAfterTimeLimit: minutes * 60_000 }),
      },
    );
    leaveFigures('models', {
      runs: streams,
      seconds: Math.round((Date.now() - startedMs) / 1_000),
    });
  },
  patienceMs,
);
