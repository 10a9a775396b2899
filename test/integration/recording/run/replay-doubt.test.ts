import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, expect, it } from 'vitest';

import { replay } from '../../../../src/recording/run/replay.js';
import type { ReplayRequest } from '../../../../src/recording/run/replay-request.js';
import {
  replayFailure,
  type ReplayOutcome,
} from '../../../../src/recording/model/replay-outcome.js';
import { eventually } from '../../../support/eventually.js';
import { startCluster } from '../../../support/cluster.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { requires } from '../../../support/server-version.js';
import { temporaryFolder } from '../../../support/shut-down.js';
import { failure } from '../../wire/dialled.js';
import { fillStream, leaderOf, readBack, targetOf } from '../../streams/run/read/fixture.js';

const MESSAGES = 20_000;
let path: string;

beforeEach(() => {
  path = join(temporaryFolder('doubt'), 'recording.jsonl');
});

function recording(subjectOf: (number: number) => string): void {
  const lines = Array.from({ length: MESSAGES }, (_, at) =>
    JSON.stringify({ subject: subjectOf(at), payload: at % 5 === 0 ? 'same' : `message ${at}` }),
  );
  writeFileSync(path, ['{"natsx_recording":1,"stream":"X"}', ...lines, ''].join('\n'));
}

/** Payloads in the recording, in order. */
function wanted(subject?: string): string[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  const messages = lines.map((line) => JSON.parse(line) as { subject: string; payload: string });
  return messages
    .filter((message) => subject === undefined || message.subject === subject)
    .map(({ payload }) => payload);
}

interface Playing extends Partial<ReplayRequest> {
  readonly user?: string;
  /** Happens once, when so many messages were sent. */
  readonly at?: readonly [messages: number, happening: () => void];
}

async function play(url: string, differing: Playing = {}): Promise<ReplayOutcome> {
  const { user, at, ...request } = differing;
  let timer: NodeJS.Timeout | undefined;
  const started = (progress: () => { readonly messages: number }): void => {
    const [messages, happening] = at ?? [Infinity, () => undefined];
    timer = setInterval(() => {
      if (progress().messages < messages) return;
      clearInterval(timer);
      happening();
    }, 1);
  };
  return replay(
    targetOf(url, user),
    {
      path,
      jetstream: true,
      window: 1_000,
      scope: { apiPrefix: '$JS.API', timeoutMs: 3_000 },
      pace: { type: 'rate', perSecond: 25_000 },
      mapSubject: (subject) => subject,
      mappings: [],
      headers: 'safe',
      range: {},
      resume: false,
      acceptDuplicates: false,
      plan: '',
      watch: { started, notice: () => undefined },
      ...request,
    },
    new AbortController().signal,
  ).finally(() => clearInterval(timer));
}

/** Replays while the server is killed and comes back. */
async function playThroughRestart(server: NatsServer, differing: Playing = {}) {
  let restarted = Promise.resolve();
  const happening = (): void => void (restarted = server.restart({ signal: 'SIGKILL' }));
  const outcome = await play(server.url, { at: [MESSAGES / 2, happening], ...differing });
  await restarted;
  return outcome;
}

it('is told for each of several streams', async () => {
  const server = await startNatsServer({ jetstream: true });
  await fillStream(server.url, { name: 'A', subjects: ['a'] }, { count: 3, subjects: ['a'] });
  await fillStream(server.url, { name: 'B', subjects: ['b'] });
  recording((at) => (at % 3 === 0 ? 'a' : 'b'));
  expect(await playThroughRestart(server)).toMatchObject({ end: 'whole', messages: MESSAGES });
  const { texts } = await readBack(server.url, { stream: 'A' });
  expect(texts.slice(3)).toEqual(wanted('a'));
  expect((await readBack(server.url, { stream: 'B' })).texts).toEqual(wanted('b'));
});

it('is told as fast as it goes, with a wide window', async () => {
  const server = await startNatsServer({ jetstream: true });
  await fillStream(server.url, { name: 'S' });
  recording(() => 's.a');
  const quick = { pace: { type: 'unlimited' }, window: 10_000 } as const;
  const outcome = await playThroughRestart(server, quick);
  expect(outcome).toMatchObject({ end: 'whole', messages: MESSAGES, duplicates: 0 });
  expect((await readBack(server.url, { stream: 'S' })).texts).toEqual(wanted());
});

it('is told where the stream stores messages under other subjects', async () => {
  await requires('2.10');
  const server = await startNatsServer({ jetstream: true });
  await fillStream(server.url, { name: 'S', subject_transform: { src: 's.>', dest: 'other.>' } });
  recording(() => 's.a');
  expect(await playThroughRestart(server)).toMatchObject({ end: 'whole', messages: MESSAGES });
  expect((await readBack(server.url, { stream: 'S' })).texts).toEqual(wanted());
});

it('is told when the leader of an R3 stream is killed', async () => {
  const cluster = await startCluster(3, { jetstream: true });
  const url = cluster.urls[0] ?? '';
  await fillStream(url, { name: 'S', num_replicas: 3 });
  const { leader, otherUrls } = await leaderOf(cluster, 'S');
  recording(() => 's.a');
  const outcome = await play(otherUrls.join(','), {
    at: [MESSAGES / 2, () => void leader.kill()],
  });
  expect(outcome).toMatchObject({ end: 'whole', messages: MESSAGES });
  // Older servers may put the reader's consumer on the dead one, which does not answer.
  const { texts } = await eventually(
    'the stream is read',
    () => readBack(otherUrls[0] ?? '', { stream: 'S' }),
    { timeoutMs: 60_000 },
  );
  expect([...texts].sort()).toEqual([...wanted()].sort());
  await cluster.stop();
});

it('cannot be told by a user who may not ask, who hears so, and may accept it', async () => {
  const users = [
    { user: 'some', password: 'x', permissions: { publish: 's.>', subscribe: '_INBOX.>' } },
    { user: 'all', password: 'x' },
  ];
  const server = await startNatsServer({ jetstream: true, authorization: { users } });
  await fillStream(server.url.replace('//', '//all@'), { name: 'S' });
  recording(() => 's.a');
  const outcome = await playThroughRestart(server, { user: 'some' });
  expect(outcome.end).toBe('failed');
  expect(outcome.unconfirmed).toBeGreaterThan(0);
  const error = replayFailure(outcome);
  expect(error).toMatchObject({ kind: 'unhealthy' });
  expect(error?.message).toMatch(/published before, .* may or may not have arrived/);
  const refused = await failure(play(server.url, { user: 'some', resume: true }));
  expect(refused.message).toContain('it is unknown how many messages');
  const accepted = { user: 'some', resume: true, acceptDuplicates: true };
  const rest = await play(server.url, accepted);
  expect(rest).toMatchObject({ end: 'whole', before: outcome.messages });
});

it('cannot be told where the account maps the subject', async () => {
  const server = await startNatsServer({
    jetstream: true,
    config: { mappings: { 'from.a': 's.a' } },
  });
  await fillStream(server.url, { name: 'S' });
  recording(() => 'from.a');
  const outcome = await playThroughRestart(server);
  const error = replayFailure(outcome);
  expect(error?.message).toContain('no stream of this account stores "from.a" itself');
  const { texts } = await readBack(server.url, { stream: 'S' });
  expect(wanted().slice(0, texts.length)).toEqual(texts);
});

it('does not take a stream that lost what it acknowledged for a whole one', async () => {
  const server = await startNatsServer({ jetstream: true });
  await fillStream(server.url, { name: 'S' });
  recording(() => 's.a');
  expect((await play(server.url)).end).toBe('whole');
  const progress = { natsx_replay: 1, line: 101, messages: 100, id: '', plan: '', window: 10 };
  const beyond = { ...progress, streams: { S: MESSAGES + 5 }, at: new Date().toISOString() };
  writeFileSync(`${path}.replay.json`, JSON.stringify(beyond));
  const error = replayFailure(await play(server.url, { resume: true }));
  expect(error?.message).toContain('it was replaced, or lost messages');
  expect((await readBack(server.url, { stream: 'S' })).texts).toHaveLength(MESSAGES);
});
