import { AckPolicy, type StreamConfig } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../support/eventually.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { requires } from '../../../support/server-version.js';
import { examine, finding, told } from '../../doctor/run/bench.js';
import { setUp, work, type Bench } from './bench.js';
import { scheduleIn, send } from './scenario.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});
afterAll(() => server.stop());

async function withBench(
  options: Parameters<typeof setUp>[1],
  run: (bench: Bench) => Promise<void>,
): Promise<void> {
  const bench = await setUp(server.url, options);
  try {
    await run(bench);
  } finally {
    await bench.close();
  }
}

describe('schedules', () => {
  /** A work queue whose worker takes the jobs, with schedules beside them. */
  const queue = {
    stream: {
      retention: 'workqueue',
      allow_msg_schedules: true,
      allow_msg_ttl: true,
      allow_rollup_hdrs: true,
    } as Partial<StreamConfig>,
    consumer: null,
  };
  const addWorker = ({ manager, stream }: Bench) =>
    manager.consumers.add(stream, {
      durable_name: 'worker',
      ack_policy: AckPolicy.Explicit,
      filter_subject: `${stream}.jobs`,
    });

  it('on a work queue are no gap in its filters; a message without the header is', async () => {
    await requires('2.14');
    await withBench(queue, async (bench) => {
      await addWorker(bench);
      const target = { 'Nats-Schedule-Target': `${bench.stream}.jobs` };
      await send(bench, 'schedules.once', { 'Nats-Schedule': scheduleIn(3_600_000), ...target });
      await send(bench, 'schedules.every', { 'Nats-Schedule': '@every 1h', ...target });
      await send(bench, 'schedules.cron', { 'Nats-Schedule': '0 0 5 1 1 *', ...target });
      const healthy = await bench.look({ windowMs: 1000 });
      expect(healthy.stream.findings.map(({ id }) => id)).toEqual(['OK']);
      // Its filter matches nothing that is stored, but what the schedules will publish.
      expect(healthy.stream.consumers.map(({ verdict }) => verdict)).toEqual(['OK']);
      await send(bench, 'schedules.x', {});
      const { stream } = await bench.look({ windowMs: 1000 });
      expect(stream.verdict).toBe('WQ_FILTER_GAP');
      expect(stream.findings[0]?.evidence).toMatchObject({
        unmatched: 1,
        subjects: [{ subject: `${bench.stream}.schedules.x`, messages: 1 }],
      });
    });
  });

  it('that are overdue are found', async () => {
    await requires('2.14');
    await withBench(queue, async (bench) => {
      await addWorker(bench);
      const target = { 'Nats-Schedule-Target': `${bench.stream}.jobs` };
      await send(bench, 'schedules.late', { 'Nats-Schedule': scheduleIn(1000), ...target });
      // Too small for what the schedule makes, so that it cannot be published at its time.
      await bench.manager.streams.update(bench.stream, { max_msg_size: 1 });
      await eventually('it is overdue', async () => {
        const { stream } = await bench.look({ windowMs: 1000 });
        return stream.findings.some(({ id }) => id === 'SCHEDULE_OVERDUE');
      });
    });
  });
});

describe('messages with a time to live of their own', () => {
  const options = {
    stream: { allow_msg_ttl: true } as Partial<StreamConfig>,
  };

  it('are seen to expire unread, before and after', async () => {
    await requires('2.12');
    await withBench(options, async (bench) => {
      for (let sent = 0; sent < 20; sent += 1) await send(bench, 'a', { 'Nats-TTL': '6s' });
      const before = await bench.look({ windowMs: 1000 });
      const imminent = before.consumer?.findings.find(({ id }) => id === 'DATA_LOSS_IMMINENT');
      expect(imminent?.evidence['limit']).toBe('Nats-TTL');
      expect(imminent?.remedy[0]).toContain('natsx record');
      await eventually('they have expired', async () => {
        const { state } = await bench.manager.streams.info(bench.stream);
        return state.messages === 0;
      });
      const after = await bench.look({ windowMs: 1000 });
      expect(after.consumer?.verdict).toBe('UNREAD_EVICTED');
      expect(after.consumer?.findings[0]?.evidence['evicted_unread']).toBe(20);
    });
  });

  it('are no loss where they were read in time', async () => {
    await requires('2.12');
    await withBench(options, async (bench) => {
      for (let sent = 0; sent < 20; sent += 1) await send(bench, 'a', { 'Nats-TTL': '3s' });
      await work(bench, ({ ack }) => ack());
      await eventually('they have expired', async () => {
        const { state } = await bench.manager.streams.info(bench.stream);
        return state.messages === 0;
      });
      const { consumer } = await bench.look({ windowMs: 1000 });
      expect(consumer?.verdict).toBe('OK');
    });
  });
});

describe('a filter', () => {
  it('that matches no subject of the stream is a hint with the nearest ones', async () => {
    await requires('2.10');
    await withBench({ consumer: null }, async (bench) => {
      const { stream } = bench;
      await bench.publish(3, `${stream}.orders`);
      await bench.manager.consumers.add(stream, {
        durable_name: 'worker',
        ack_policy: AckPolicy.Explicit,
        filter_subject: `${stream}.order`,
      });
      const { consumer } = await bench.look({ windowMs: 1000 });
      expect(consumer?.verdict).toBe('FILTER_MATCHES_NOTHING');
      expect(consumer?.severity).toBe('info');
      expect(consumer?.findings[0]?.evidence['nearest_subjects']).toEqual([`${stream}.orders`]);
      await bench.publish(1, `${stream}.order`);
      const later = await bench.look({ windowMs: 1000 });
      expect(later.consumer?.findings.map(({ id }) => id)).not.toContain('FILTER_MATCHES_NOTHING');
    });
  });
});

describe('what the servers made for themselves', () => {
  it('is named and never offered for a change', async () => {
    await requires('2.14');
    await withBench({ stream: { retention: 'workqueue' }, consumer: null }, async (bench) => {
      const copy = `${bench.stream}COPY`;
      await bench.manager.streams.add({ name: copy, sources: [{ name: bench.stream }] });
      const [own] = await eventually('the server has its consumer', async () => {
        const all = await bench.manager.consumers.list(bench.stream).next();
        return all.length > 0 && all;
      });
      expect(own?.name).toMatch(/^JS_SRC_/);
      await bench.manager.streams.delete(copy);
      await bench.manager.streams.add({ name: copy, sources: [{ name: bench.stream }] });
      const report = await examine({ url: server.url }, { streams: [bench.stream] });
      const about = report.findings.filter(({ scope }) => scope.kind === 'consumer');
      expect(about, told(report).join('\n')).toEqual([]);
      const look = await bench.look({ windowMs: 1000 });
      const remedies = look.stream.consumers.flatMap(({ findings }) =>
        findings.flatMap(({ remedy }) => remedy),
      );
      expect(remedies.filter((line) => /consumer (edit|rm|skip|pause|resume)/.test(line))).toEqual(
        [],
      );
      expect(look.stream.consumers[0]?.headline).toContain(`copies the stream into ${copy}`);
    });
  });
});

describe('persist_mode async', () => {
  it('is a finding of the doctor', async () => {
    await requires('2.12');
    await withBench({ consumer: null }, async (bench) => {
      const name = `${bench.stream}A`;
      await bench.admin.request(
        `$JS.API.STREAM.CREATE.${name}`,
        JSON.stringify({ name, subjects: [`${name}.>`], persist_mode: 'async' }),
      );
      const report = await examine({ url: server.url }, { streams: [name] });
      expect(finding(report, 'PERSIST_ASYNC')?.severity).toBe('warning');
      const plain = await examine({ url: server.url }, { streams: [bench.stream] });
      expect(finding(plain, 'PERSIST_ASYNC')).toBeUndefined();
    });
  });
});
