import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { headers as newHeaders } from '@nats-io/transport-node';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  recordStream,
  type RecordStreamRequest,
} from '../../../../src/recording/run/record-stream.js';
import { decodeRecordedLine, sequenceIn } from '../../../../src/recording/model/recorded-line.js';
import type { RecordOutcome } from '../../../../src/recording/model/record-outcome.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { patientClient, patientManager } from '../../../support/patient-jetstream.js';
import { temporaryFolder } from '../../../support/shut-down.js';
import { failure } from '../../wire/dialled.js';
import {
  everything,
  fillStream,
  numbers,
  scope,
  store,
  targetOf,
  withConnection,
} from '../../streams/run/read/fixture.js';

let server: NatsServer;
let folder: string;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  await fillStream(server.url, { name: 'S' }, { count: 500, subjects: ['s.a', 's.b'] });
});

beforeEach(() => {
  folder = temporaryFolder('recording');
});

function record(
  path: string,
  differing: Partial<Omit<RecordStreamRequest, 'read'>> & Partial<RecordStreamRequest['read']> = {},
): Promise<RecordOutcome> {
  const { stream = 'S', filters = [], range = everything, ...others } = differing;
  return recordStream(
    targetOf(server.url),
    {
      path,
      mode: 'new',
      header: { source: { stream, filters }, startedAt: 'now', writtenBy: '0.0.0' },
      limits: {},
      watch: { started: () => undefined, notice: () => undefined },
      ...others,
      read: { scope, stream, filters, range },
    },
    new AbortController().signal,
  );
}

function seqsIn(text: string): (number | undefined)[] {
  return text.trimEnd().split('\n').slice(1).map(sequenceIn);
}

describe('a recording of a stream', () => {
  it('has each message once, and says that nothing was skipped', async () => {
    const path = join(folder, 'all.jsonl');
    const outcome = await record(path);
    expect(seqsIn(readFileSync(path, 'utf8'))).toEqual(numbers(1, 500));
    expect(outcome).toMatchObject({ messages: 500, firstSeq: 1, lastSeq: 500, proven: true });
    expect(outcome.bytesWritten).toBe(statSync(path).size);
  });

  it('has only the subjects that were asked for', async () => {
    const path = join(folder, 'some.jsonl');
    const outcome = await record(path, { filters: ['s.b'] });
    expect(seqsIn(readFileSync(path, 'utf8'))).toEqual(
      numbers(1, 500).filter((seq) => seq % 2 === 0),
    );
    expect(outcome.proven).toBe(true);
  });

  it('keeps headers and bytes of any kind', async () => {
    const bodies = [
      '',
      '{"id":7}',
      '{ "id": 7 }',
      '"quoted"',
      '12',
      'tab\tand\nline',
      'Grüße',
      '\u2028',
    ];
    const payloads = [
      ...bodies.map((body) => Buffer.from(body)),
      Buffer.from([0, 1, 2]),
      Buffer.from([255, 254]),
    ];
    await withConnection(server.url, async (connection) => {
      const manager = await patientManager(connection);
      await manager.streams.add({ name: 'BYTES', subjects: ['bytes'] });
      const headers = newHeaders();
      headers.append('Tag', 'x');
      headers.append('Tag', 'ü "y"');
      for (const payload of payloads)
        await patientClient(connection).publish('bytes', payload, { headers });
    });
    const path = join(folder, 'bytes.jsonl');
    await record(path, { stream: 'BYTES' });
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
    const read = lines.map((line) => decodeRecordedLine(line)?.message);
    expect(read.map((message) => Buffer.from(message!.payload))).toEqual(payloads);
    expect(read[0]?.headers?.get('Tag')).toEqual(['x', 'ü "y"']);
  });

  it('tells gaps of the stream from messages that were skipped', async () => {
    await fillStream(
      server.url,
      { name: 'GAPS', subjects: ['gaps'] },
      { count: 20, subjects: ['gaps'] },
    );
    await withConnection(server.url, async (connection) => {
      const manager = await patientManager(connection);
      for (const seq of [5, 6, 11]) await manager.streams.deleteMessage('GAPS', seq);
    });
    const outcome = await record(join(folder, 'gaps.jsonl'), { stream: 'GAPS' });
    expect(outcome).toMatchObject({ messages: 17, holes: 2, missing: [], proven: true });
  });
});

describe('a stream without messages', () => {
  it('has no gaps, whether it never had any or was purged', async () => {
    const none = { messages: 0, holes: 0, missing: [], proven: true };
    await fillStream(server.url, { name: 'NEVER', subjects: ['never'] });
    expect(await record(join(folder, 'never.jsonl'), { stream: 'NEVER' })).toMatchObject(none);
    await fillStream(
      server.url,
      { name: 'GONE', subjects: ['gone'] },
      { count: 3, subjects: ['gone'] },
    );
    await withConnection(server.url, async (connection) => {
      await (await patientManager(connection)).streams.purge('GONE');
    });
    expect(await record(join(folder, 'gone.jsonl'), { stream: 'GONE' })).toMatchObject(none);
  });
});

describe('a stream with more gaps than messages are kept of', () => {
  beforeAll(async () => {
    const count = 6000;
    const subjects = ['many.a', 'many.b'];
    await fillStream(server.url, { name: 'MANY', subjects: ['many.*'] }, { count, subjects });
    await withConnection(server.url, async (connection) => {
      const manager = await patientManager(connection);
      await manager.streams.purge('MANY', { filter: 'many.b' });
    });
  });

  it('is proven to be complete, however many they are', async () => {
    const path = join(folder, 'many.jsonl');
    const outcome = await record(path, { stream: 'MANY' });
    expect(outcome).toMatchObject({ messages: 3000, missing: [], proven: true });
    expect(outcome.holes).toBeGreaterThanOrEqual(2999);
  });

  it('is so as well when it is recorded in parts, of which each asks the stream', async () => {
    const path = join(folder, 'parts.jsonl');
    const first = await record(path, { stream: 'MANY', limits: { count: 1700 } });
    expect(first).toMatchObject({ messages: 1700, missing: [], proven: true, end: 'count' });
    const second = await record(path, { stream: 'MANY', mode: 'resume' });
    expect(second).toMatchObject({ messages: 1300, missing: [], proven: true });
    expect(seqsIn(readFileSync(path, 'utf8'))).toEqual(
      numbers(1, 6000).filter((seq) => seq % 2 === 1),
    );
  });
});

describe('a file that is there already', () => {
  it('is left alone', async () => {
    const path = join(folder, 'mine.txt');
    writeFileSync(path, 'mine');
    const error = await failure(record(path));
    expect(error).toMatchObject({
      kind: 'usage',
      hint: expect.stringContaining('--resume') as string,
    });
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  it('is gone on with at the next sequence', async () => {
    const path = join(folder, 'grows.jsonl');
    await fillStream(
      server.url,
      { name: 'GROWS', subjects: ['grows'] },
      { count: 10, subjects: ['grows'] },
    );
    await record(path, { stream: 'GROWS' });
    await withConnection(server.url, (c) => store(c, { count: 5, subjects: ['grows'], from: 11 }));
    const outcome = await record(path, { stream: 'GROWS', mode: 'resume' });
    expect(seqsIn(readFileSync(path, 'utf8'))).toEqual(numbers(1, 15));
    expect(outcome).toMatchObject({ messages: 5, firstSeq: 11, lastSeq: 15, proven: true });
    const again = await record(path, { stream: 'GROWS', mode: 'resume' });
    expect(again).toMatchObject({ messages: 0, end: 'reached' });
  });

  it.each(['cut.jsonl', 'cut.jsonl.gz'])(
    'is repaired when its end is only half there: %s',
    async (name) => {
      const path = join(folder, name);
      await record(path, { limits: { count: 400 } });
      truncateSync(path, statSync(path).size - 17);
      const outcome = await record(path, { mode: 'resume' });
      const bytes = readFileSync(path);
      const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
      expect(seqsIn(text)).toEqual(numbers(1, 500));
      expect(outcome.messages).toBeGreaterThan(100);
    },
  );

  it.each(['jsonl', 'jsonl.gz'])(
    'has everything once after it was cut off again and again: .%s',
    async (ending) => {
      const path = join(folder, `again.${ending}`);
      await record(path, { limits: { count: 400 } });
      for (const count of [30, 20, 10, 100]) {
        truncateSync(path, Math.floor(statSync(path).size * 0.8));
        await record(path, { mode: 'resume', limits: { count } });
      }
      const outcome = await record(path, { mode: 'resume' });
      const bytes = readFileSync(path);
      const text = (ending.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
      expect(seqsIn(text)).toEqual(numbers(1, 500));
      expect(outcome.proven).toBe(true);
    },
  );

  it('is not mixed with another stream', async () => {
    const path = join(folder, 'other.jsonl');
    await record(path);
    const error = await failure(record(path, { mode: 'resume', filters: ['s.a'] }));
    expect(error.message).toContain(
      'is a recording of the stream "S", not of the stream "S" (s.a)',
    );
  });

  it('is refused when it was written by a newer version', async () => {
    const path = join(folder, 'newer.jsonl');
    appendFileSync(path, '{"natsx_recording":2,"stream":"S","written_by":"9.0.0"}\n');
    const error = await failure(record(path, { mode: 'resume' }));
    expect(error).toMatchObject({ kind: 'usage', hint: 'update natsx' });
    expect(error.message).toContain('was written by a newer natsx (9.0.0)');
  });
});

describe('what can go wrong', () => {
  it('is a full disk: what was recorded is told', async () => {
    const outcome = await record('/dev/full', { mode: 'overwrite' });
    expect(outcome.failure).toMatchObject({ kind: 'usage' });
    expect(outcome.failure?.message).toContain('no space is left on the disk (ENOSPC)');
  });

  it('is a stream that is not there, and then no file is left', async () => {
    const path = join(folder, 'none.jsonl');
    expect(await failure(record(path, { stream: 'NONE' }))).toMatchObject({ kind: 'not-found' });
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });
});
