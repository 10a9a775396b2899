import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { headers as newHeaders } from '@nats-io/transport-node';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { recordStream } from '../../../../src/recording/run/record-stream.js';
import { replay } from '../../../../src/recording/run/replay.js';
import type { ReplayRequest } from '../../../../src/recording/run/replay-request.js';
import {
  replayFailure,
  type ReplayOutcome,
} from '../../../../src/recording/model/replay-outcome.js';
import { compileSubjectMapping } from '../../../../src/core/subject/subject-mapping.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { patientClient, patientManager } from '../../../support/patient-jetstream.js';
import { eventually } from '../../../support/eventually.js';
import { requires } from '../../../support/server-version.js';
import { temporaryFolder } from '../../../support/shut-down.js';
import { failure } from '../../wire/dialled.js';
import {
  everything,
  fillStream,
  numbers,
  readBack,
  scope,
  targetOf,
  withConnection,
} from '../../streams/run/read/fixture.js';

let server: NatsServer;
let folder: string;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});

beforeEach(() => {
  folder = temporaryFolder('replay');
});

async function record(stream: string, url = server.url): Promise<string> {
  const path = join(folder, `${stream}.jsonl`);
  await recordStream(
    targetOf(url),
    {
      path,
      mode: 'overwrite',
      header: { source: { stream, filters: [] }, startedAt: 'now', writtenBy: '0.0.0' },
      limits: {},
      watch: { started: () => undefined, notice: () => undefined },
      read: { scope, stream, filters: [], range: everything },
    },
    new AbortController().signal,
  );
  return path;
}

/** What stands in a recording besides times, sequences and the stream. */
function contents(path: string): string[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => line.slice(line.indexOf('"subject"')));
}

function play(
  path: string,
  differing: Partial<ReplayRequest> & { readonly url?: string; readonly signal?: AbortSignal } = {},
): Promise<ReplayOutcome> {
  const { url = server.url, signal = new AbortController().signal, ...others } = differing;
  return replay(
    targetOf(url),
    {
      path,
      jetstream: true,
      window: 100,
      scope: { apiPrefix: '$JS.API', timeoutMs: 5_000 },
      acceptDuplicates: false,
      pace: { type: 'unlimited' },
      mapSubject: (subject) => subject,
      mappings: [],
      headers: 'safe',
      range: {},
      resume: false,
      plan: '',
      watch: { started: () => undefined, notice: () => undefined },
      ...others,
    },
    signal,
  );
}

function addStream(name: string, url = server.url): Promise<void> {
  return fillStream(url, { name, subjects: [`${name}.>`] });
}

describe('a recording that is published again', () => {
  it('gives the same messages, headers and bytes', async () => {
    await addStream('from');
    await addStream('to');
    await withConnection(server.url, async (connection) => {
      const headers = newHeaders();
      headers.append('Tag', 'x');
      headers.append('Tag', 'y');
      for (const payload of ['', '{"a":1}', '{ "a": 1 }', 'Grüße', new Uint8Array([0, 255, 10])]) {
        await patientClient(connection).publish('from.a', payload, { headers });
        await patientClient(connection).publish('from.b', payload);
      }
    });
    const original = await record('from');
    const mapSubject = compileSubjectMapping(['from.>=to.>']);
    const outcome = await play(original, { mapSubject });
    expect(outcome).toMatchObject({ end: 'whole', messages: 10, unconfirmed: 0, duplicates: 0 });
    const copy = await record('to');
    expect(contents(copy)).toEqual(
      contents(original).map((line) => line.replace('"from.', '"to.')),
    );
    expect(existsSync(`${original}.replay.json`)).toBe(false);
  });

  it('goes to whoever listens, without a stream', async () => {
    await fillStream(
      server.url,
      { name: 'core', subjects: ['core'] },
      { count: 20, subjects: ['core'] },
    );
    const path = await record('core');
    const heard: string[] = [];
    await withConnection(server.url, async (connection) => {
      connection.subscribe('heard', {
        callback: (_error, message) => void heard.push(message.string()),
      });
      await connection.flush();
      const mapSubject = compileSubjectMapping(['core=heard']);
      expect(await play(path, { jetstream: false, mapSubject })).toMatchObject({ messages: 20 });
      await connection.flush();
    });
    expect(heard).toEqual(numbers(1, 20).map((number) => `message ${number}`));
  });

  it('leaves out what was meant for the original alone', async () => {
    await addStream('conditional');
    const path = join(folder, 'conditional.jsonl');
    writeFileSync(
      path,
      [
        '{"natsx_recording":1,"stream":"X","filters":[]}',
        '{"subject":"conditional.a","headers":{"Nats-Expected-Last-Sequence":["77"],"Nats-Rollup":["all"],"Own":["1"]},"payload":"x"}',
        '',
      ].join('\n'),
    );
    expect(await play(path)).toMatchObject({ end: 'whole', messages: 1 });
    const kept = await play(path, { headers: 'keep' });
    expect(replayFailure(kept)?.kind).toBe('rejected');
  });

  it('of a stream with sources leaves out where they came from, which only servers may say', async () => {
    await addStream('origin');
    await addStream('copied');
    await withConnection(server.url, async (connection) => {
      await patientClient(connection).publish('origin.a', 'x');
      const manager = await patientManager(connection);
      await manager.streams.add({ name: 'gathered', sources: [{ name: 'origin' }] });
      await eventually(
        'the message has come over',
        async () => (await manager.streams.info('gathered')).state.messages === 1,
      );
    });
    const path = await record('gathered');
    expect(contents(path)[0]).toContain('Nats-Stream-Source');
    const mapSubject = compileSubjectMapping(['origin.>=copied.>']);
    expect(await play(path, { mapSubject })).toMatchObject({ end: 'whole', messages: 1 });
  });

  it('does not advise to go on where a counter refuses it', async () => {
    await requires('2.12');
    await withConnection(server.url, async (connection) => {
      const request = { name: 'counter', subjects: ['counter.>'], allow_msg_counter: true };
      await connection.request('$JS.API.STREAM.CREATE.counter', JSON.stringify(request));
    });
    await fillStream(
      server.url,
      { name: 'plain', subjects: ['plain'] },
      { count: 2, subjects: ['plain'] },
    );
    const mapSubject = compileSubjectMapping(['plain=counter.a']);
    const error = replayFailure(await play(await record('plain'), { mapSubject }));
    expect(error).toMatchObject({ kind: 'rejected' });
    expect(error?.hint).toContain('accepts only increments');
  });

  it('has only the range that was asked for', async () => {
    await fillStream(
      server.url,
      { name: 'part', subjects: ['part'] },
      { count: 20, subjects: ['part'] },
    );
    const path = await record('part');
    expect(await play(path, { range: { fromSeq: 5, toSeq: 9 } })).toMatchObject({
      messages: 5,
      leftOut: 15,
    });
  });

  it('counts its messages for the progress, and knows no total before that', async () => {
    await fillStream(
      server.url,
      { name: 'goal', subjects: ['goal'] },
      { count: 12, subjects: ['goal'] },
    );
    const path = await record('goal');
    const goals = new Set<number | undefined>();
    let look: NodeJS.Timeout | undefined;
    const started = (progress: () => { readonly goal: number | undefined }): void => {
      goals.add(progress().goal);
      look = setInterval(() => goals.add(progress().goal), 5);
    };
    await play(path, {
      pace: { type: 'rate', perSecond: 40 },
      watch: { started, notice: () => undefined },
    });
    clearInterval(look);
    expect([...goals]).toEqual([undefined, 12]);
  });

  it('keeps the distances of the originals, scaled', async () => {
    await addStream('timed');
    const path = join(folder, 'timed.jsonl');
    const line = (minute: string) =>
      `{"stream":"T","seq":1,"time":"2026-01-01T00:${minute}:00Z","subject":"timed.a","payload":"x"}`;
    writeFileSync(path, `{"natsx_recording":1,"stream":"T"}\n${line('00')}\n${line('10')}\n`);
    const { durationMs } = await play(path, { pace: { type: 'original', speed: 3_000 } });
    expect(durationMs).toBeGreaterThan(195);
    // As they were they would take ten minutes.
    expect(durationMs).toBeLessThan(120_000);
  });
});

describe('a replay that ends early', () => {
  it('tells the line that is broken, and what was published before it', async () => {
    await fillStream(
      server.url,
      { name: 'broken', subjects: ['broken'] },
      { count: 5, subjects: ['broken'] },
    );
    const path = await record('broken');
    appendFileSync(path, 'no json\n');
    const outcome = await play(path);
    const error = replayFailure(outcome);
    expect(error).toMatchObject({ kind: 'usage', details: { line: 7, published: 5 } });
    expect(error?.message).toContain('line 7 of');
    expect(error?.message).toContain('5 messages were published before, up to line 6');
  });

  it('refuses a file of a newer version, and one that is none', async () => {
    const path = join(folder, 'newer.jsonl');
    writeFileSync(path, '{"natsx_recording":9,"written_by":"7.0.0"}\n');
    expect((await failure(play(path))).message).toContain('written by a newer natsx (7.0.0)');
    writeFileSync(path, '{"subject":"a","payload":"x"}\n');
    expect(await failure(play(path))).toMatchObject({ kind: 'usage' });
    writeFileSync(path, '');
    expect((await failure(play(path))).message).toContain('is not a recording: it is empty');
    // The file is looked at before anybody is connected to.
    const nowhere = { url: 'nats://127.0.0.1:1' };
    const absent = await failure(play(join(folder, 'none'), nowhere));
    expect(absent.message).toContain('there is no such file');
  });

  it('tells when no stream keeps a subject', async () => {
    await fillStream(
      server.url,
      { name: 'gone', subjects: ['gone'] },
      { count: 1, subjects: ['gone'] },
    );
    const path = await record('gone');
    const mapSubject = compileSubjectMapping(['gone=nobody.keeps.this']);
    const error = replayFailure(await play(path, { mapSubject }));
    expect(error).toMatchObject({ kind: 'not-found' });
    expect(error?.message).toContain('no stream accepts "nobody.keeps.this"');
  });

  it('goes on where it stopped', async () => {
    await fillStream(
      server.url,
      { name: 'long', subjects: ['long'] },
      { count: 3_000, subjects: ['long'] },
    );
    await addStream('rest');
    const path = await record('long');
    const mapSubject = compileSubjectMapping(['long=rest.a']);
    const stop = new AbortController();
    const pace = { type: 'rate', perSecond: 2_000 } as const;
    const started = (progress: () => { readonly messages: number }) => {
      const timer = setInterval(() => {
        if (progress().messages < 300) return;
        clearInterval(timer);
        stop.abort();
      }, 5);
    };
    const watch = { started, notice: () => undefined };
    const first = await play(path, { mapSubject, pace, watch, signal: stop.signal, resume: true });
    expect(first.end).toBe('stopped');
    expect(first.unconfirmed).toBe(0);
    const second = await play(path, { mapSubject, resume: true });
    expect(second).toMatchObject({ end: 'whole', before: first.messages });
    const { texts } = await readBack(server.url, { stream: 'rest' });
    expect(texts).toEqual(numbers(1, 3_000).map((number) => `message ${number}`));
    const error = await failure(
      (async () => {
        writeFileSync(
          `${path}.replay.json`,
          '{"natsx_replay":1,"line":5,"messages":4,"id":"","plan":"other"}',
        );
        await play(path, { resume: true });
      })(),
    );
    expect(error.message).toContain('is from a replay with other flags');
  });

  it('goes on with the times that it began with', async () => {
    await fillStream(
      server.url,
      { name: 'since', subjects: ['since'] },
      { count: 100, subjects: ['since'] },
    );
    await addStream('resince');
    const path = await record('since');
    const mapSubject = compileSubjectMapping(['since=resince.a']);
    const stop = new AbortController();
    const started = (progress: () => { readonly messages: number }) => {
      const timer = setInterval(() => {
        if (progress().messages === 0) return;
        clearInterval(timer);
        stop.abort();
      }, 5);
    };
    const first = await play(path, {
      mapSubject,
      pace: { type: 'rate', perSecond: 10 },
      watch: { started, notice: () => undefined },
      signal: stop.signal,
      range: { fromMs: Date.now() - 3_600_000 },
    });
    expect(first.end).toBe('stopped');
    // "1h" is another time when it is read again.
    const range = { fromMs: Date.now() + 3_600_000 };
    const second = await play(path, { mapSubject, resume: true, range });
    expect(second).toMatchObject({ end: 'whole', before: first.messages, leftOut: 0 });
    const { texts } = await readBack(server.url, { stream: 'resince' });
    expect(texts).toEqual(numbers(1, 100).map((number) => `message ${number}`));
  });

  it('stores nothing twice when it is done again after it was killed', async () => {
    await fillStream(
      server.url,
      { name: 'twice', subjects: ['twice'] },
      { count: 200, subjects: ['twice'] },
    );
    await addStream('once');
    const path = await record('twice');
    const mapSubject = compileSubjectMapping(['twice=once.a']);
    const first = await play(path, { mapSubject, resume: true, range: { toSeq: 150 } });
    expect(first.messages).toBe(150);
    // As a process leaves it that was killed: more is in the stream than the file says.
    const id = await withConnection(server.url, async (connection) => {
      const manager = await patientManager(connection);
      const message = await manager.streams.getMessage('once', { seq: 1 });
      return /natsx-(\w+)-/.exec(message!.header.get('Nats-Msg-Id'))![1];
    });
    const at = new Date().toISOString();
    const left = { natsx_replay: 1, line: 101, messages: 100, id, plan: '', at };
    writeFileSync(`${path}.replay.json`, JSON.stringify(left));
    const second = await play(path, { mapSubject, resume: true });
    expect(second).toMatchObject({ end: 'whole', messages: 100, duplicates: 50 });
    const { texts } = await readBack(server.url, { stream: 'once' });
    expect(texts).toEqual(numbers(1, 200).map((number) => `message ${number}`));
  });
});

it('is complete when the server is restarted meanwhile, and stores nothing twice', async () => {
  const shaky = await startNatsServer({ jetstream: true });
  await fillStream(
    shaky.url,
    { name: 'src', subjects: ['src'] },
    { count: 5_000, subjects: ['src'] },
  );
  await addStream('dst', shaky.url);
  const path = await record('src', shaky.url);
  let restarted = Promise.resolve();
  const started = (progress: () => { readonly messages: number }) => {
    const timer = setInterval(() => {
      if (progress().messages < 1_000) return;
      clearInterval(timer);
      restarted = shaky.restart({ signal: 'SIGKILL' });
    }, 1);
  };
  const outcome = await play(path, {
    url: shaky.url,
    resume: true,
    mapSubject: compileSubjectMapping(['src=dst.a']),
    pace: { type: 'rate', perSecond: 10_000 },
    watch: { started, notice: () => undefined },
  });
  await restarted;
  expect(outcome).toMatchObject({ end: 'whole', messages: 5_000 });
  const { texts } = await readBack(shaky.url, { stream: 'dst' });
  expect(texts.length).toBe(5_000);
  expect(new Set(texts).size).toBe(5_000);
});
