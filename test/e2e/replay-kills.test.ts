import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { beforeEach, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startFrameProxy } from '../support/frame-proxy.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { runCli, startCli, type RunningCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

const MESSAGES = 20_000;
/** Every third message is the same as others: equal ones must be counted, not only found. */
const bodies = Array.from({ length: MESSAGES }, (_, at) =>
  at % 3 === 0 ? 'tick' : `message ${at + 1}`,
);
let server: NatsServer;
let recording: string;

beforeEach(async () => {
  server = await startNatsServer({ jetstream: true });
  const connection = await connect({ servers: server.url });
  const manager = await patientManager(connection);
  await manager.streams.add({ name: 'COPY', subjects: ['copy.>'] });
  await connection.close();
  recording = join(temporaryFolder('kills'), 'recording.jsonl');
  const lines = bodies.map((body) => JSON.stringify({ subject: 'copy.a', payload: body }));
  writeFileSync(recording, ['{"natsx_recording":1,"stream":"X"}', ...lines, ''].join('\n'));
});

const replayArgs = (...more: string[]): string[] => [
  ...['replay', recording, '-J', ...(more.includes('-s') ? [] : ['-s', server.url]), ...more],
];

interface StuckReplay extends RunningCli {
  /** Lets acknowledgements through again. */
  flow(): void;
}

/**
 * Starts a replay that cannot get to its end: all acknowledgements after the first few are lost on their way. Resolves
 * when the stream has stored more than these.
 */
async function stuckAfter(acknowledged: number, ...more: string[]): Promise<StuckReplay> {
  const before = await stored();
  let left = acknowledged;
  const proxy = await startFrameProxy(server.port, {
    toClient: ({ payload, bytes }) =>
      payload.includes('"seq":') && payload.length < 200 && left-- <= 0 ? [] : [bytes],
  });
  const run = startCli(replayArgs('-s', proxy.url, ...more), { timeoutMs: 120_000 });
  await eventually(`${acknowledged} messages and some more are stored`, async () => {
    return (await stored()) > before + acknowledged;
  });
  return { ...run, flow: () => (left = Infinity) };
}

async function stored(): Promise<number> {
  const { account_details: [account] = [] } = (await server.monitor('/jsz?streams=1')) as {
    account_details?: readonly { stream_detail?: readonly { state: { messages: number } }[] }[];
  };
  return account?.stream_detail?.[0]?.state.messages ?? 0;
}

/** What a new recording of the stream has, in order. */
async function copied(): Promise<readonly string[]> {
  const path = join(temporaryFolder('copied'), 'copy.jsonl');
  const result = await runCli(['record', path, '--stream', 'COPY', '-s', server.url]);
  expect(result.stderr).toContain('recorded');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const { payload, headers } = JSON.parse(line) as { payload: string; headers?: unknown };
    expect(headers).toBeUndefined();
    return payload;
  });
}

describe('a replay without --resume that is killed', () => {
  it.each([0, 2_000, 13_000])(
    'is finished by --resume, each message once, when %i messages are acknowledged',
    async (count) => {
      const first = await stuckAfter(count);
      first.signal('SIGKILL');
      await first.exit;
      const second = await runCli(replayArgs('--resume', '--json'));
      expect(second.stderr).toContain('continuing after line');
      expect(second.code).toBe(0);
      const report = JSON.parse(second.stdout) as Record<string, number>;
      expect(report).toMatchObject({ complete: true, unconfirmed: 0, duplicates: 0 });
      // The counts alone prove that nothing was skipped.
      expect(report['published']! + report['published_before']!).toBe(MESSAGES);
      expect(await copied()).toEqual(bodies);
      expect(existsSync(`${recording}.replay.json`)).toBe(false);
    },
  );

  it('is finished by --resume after several kills', async () => {
    for (const [kill, count] of [2_000, 3_000, 4_000, 3_000].entries()) {
      const run = await stuckAfter(count, ...(kill === 0 ? [] : ['--resume']));
      run.signal('SIGKILL');
      expect(await run.exit).toMatchObject({ signal: 'SIGKILL' });
    }
    expect(await runCli(replayArgs('--resume'))).toMatchObject({ code: 0 });
    expect(await copied()).toEqual(bodies);
  });

  it('says so when it is started again without --resume', async () => {
    const first = await stuckAfter(1_000, '--rate', '5000');
    await eventually('its progress is saved', () => {
      const text = readFileSync(`${recording}.replay.json`, 'utf8');
      return (JSON.parse(text) as { messages: number }).messages > 0;
    });
    first.signal('SIGKILL');
    await first.exit;
    const second = startCli(replayArgs());
    await second.waitForStderr(
      /stopped after \d+ messages; this one starts from the beginning, --resume/,
    );
    second.signal('SIGKILL');
    await second.exit;
  });
});

describe('a replay that loses its server', () => {
  it.each([500, 10_000])(
    'finds out what was stored when it is back, killed at %i messages',
    async (count) => {
      const run = await stuckAfter(count, '--json');
      run.flow();
      await server.restart({ signal: 'SIGKILL' });
      const result = await run.exit;
      expect(result).toMatchObject({ code: 0 });
      expect(JSON.parse(result.stdout)).toMatchObject({ published: MESSAGES, duplicates: 0 });
      expect(await copied()).toEqual(bodies);
    },
  );

  it.each([700, 10_000])(
    'says what is in doubt when it does not come back, and is finished by --resume, killed at %i',
    async (count) => {
      const run = await stuckAfter(count, '--give-up-after', '200ms');
      await server.kill();
      const first = await run.exit;
      expect(first.code).toBe(3);
      // Killed before the first acknowledgement came back, nothing is known to be stored.
      expect(first.stderr).toMatch(
        /messages (were published before, up to line \d+|may or may not have arrived)/,
      );
      await server.restart();
      const second = await runCli(replayArgs('--resume'));
      expect(second).toMatchObject({ code: 0 });
      expect(await copied()).toEqual(bodies);
    },
  );

  it('is killed together with it, and finished by --resume', async () => {
    const run = await stuckAfter(7_000);
    run.signal('SIGKILL');
    await Promise.all([server.kill(), run.exit]);
    await server.restart();
    expect(await runCli(replayArgs('--resume'))).toMatchObject({ code: 0 });
    expect(await copied()).toEqual(bodies);
  });
});

it('does not confuse its messages with those that others publish meanwhile', async () => {
  const connection = await connect({ servers: server.url });
  const other = setInterval(() => connection.publish('copy.a', 'of another client'), 5);
  const first = await stuckAfter(4_000);
  first.signal('SIGKILL');
  await first.exit;
  const second = await runCli(replayArgs('--resume'));
  clearInterval(other);
  await connection.close();
  expect(second).toMatchObject({ code: 0 });
  expect((await copied()).filter((body) => body !== 'of another client')).toEqual(bodies);
});

describe('when it is unknown what is stored', () => {
  async function killedAndConsumed(): Promise<void> {
    const first = await stuckAfter(5_000);
    first.signal('SIGKILL');
    await first.exit;
    const connection = await connect({ servers: server.url });
    const manager = await patientManager(connection);
    await manager.streams.purge('COPY');
    await connection.close();
  }

  it('says so and does not store anything twice, unless that is accepted', async () => {
    await killedAndConsumed();
    const refused = await runCli(replayArgs('--resume'));
    expect(refused.code).toBe(9);
    expect(refused.stderr).toContain(
      'have since been removed, so it is unknown which ones arrived',
    );
    expect(refused.stderr).toContain('--accept-duplicates');
    expect(await stored()).toBe(0);
    const accepted = await runCli(replayArgs('--resume', '--accept-duplicates'));
    expect(accepted).toMatchObject({ code: 0 });
  });
});
