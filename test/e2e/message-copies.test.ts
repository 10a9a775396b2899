import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { expect, it } from 'vitest';

import { decodeMessageLine } from '../../src/core/message/message-line.js';
import { subjectBytes, subjectText } from '../../src/core/subject/subject-bytes.js';
import { dialTo, laneTo } from '../integration/wire/dialled.js';
import { startNatsServer } from '../support/nats-server.js';
import { requires } from '../support/server-version.js';
import { runCli, startCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

/** Blocks as clients write them, and as none should. */
const BLOCKS = [
  'NATS/1.0\r\nName: caf\xe9\r\n\r\n',
  'NATS/1.0\r\nTrace Id: 7\r\n\r\n',
  'NATS/1.0\r\nName:java\r\nEmpty:\r\n\r\n',
  'NATS/1.0\r\nA: 1\r\nB: 2\r\nA: 3\r\n\r\n',
  'NATS/1.0 503 No Responders\r\n\r\n',
  'NATS/1.0 404 No Messages\r\nA: \xff\xfe\r\n\r\n',
  'NATS/1.0 408\r\n\r\n',
  'NATS/1.0\r\nA: 1\r\nno colon\r\n\r\n',
  'NATS/1.0\nA: 1\n\n',
  'NATS/1.0\r\nA:  padded \r\n\r\n',
  'NATS/1.0\r\n10: a\r\n2: b\r\n\r\n',
  'NATS/1.0\r\nA: 1\r\n',
  'NATS/1.0\r\nA: plain\r\n\r\n',
];

interface Server {
  readonly url: string;
  /** The blocks of FROM. */
  readonly stored: readonly string[];
  /** The blocks of a stream's messages, in their order. */
  readonly blocksOf: (stream: string) => Promise<readonly string[]>;
}

/** A server with streams whose subjects begin as they are called; FROM has a message for each block. */
async function filledServer(retention: 'limits' | 'workqueue' = 'limits'): Promise<Server> {
  const { url } = await startNatsServer({ jetstream: true });
  for (const [name, kind] of [
    ['FROM', retention],
    ['TO', 'limits'],
    ['COPY', 'limits'],
  ]) {
    const stream = ['stream', 'create', name ?? '', '--subjects', `${name?.toLowerCase()}.>`];
    const made = await runCli([...stream, '--retention', kind ?? '', '-s', url]);
    expect(made, made.stderr).toMatchObject({ code: 0 });
  }
  const lane = await laneTo(dialTo(url));
  for (const [at, block] of BLOCKS.entries()) {
    const headersBlock = Buffer.from(block, 'latin1');
    lane.publish({ subject: `from.${at}`, headersBlock, payload: Buffer.from(`body ${at}`) });
  }
  await lane.flush(60_000);
  const blocksOf = async (stream: string): Promise<readonly string[]> => {
    const connection = await connect({ servers: url });
    const blocks: string[] = [];
    for (let seq = 1; seq <= BLOCKS.length; seq += 1) {
      const question = JSON.stringify({ seq });
      const reply = await connection.request(`$JS.API.STREAM.MSG.GET.${stream}`, question);
      const { message } = reply.json<{ message?: { hdrs?: string } }>();
      blocks.push(Buffer.from(message?.hdrs ?? '', 'base64').toString('latin1'));
    }
    await connection.close();
    return blocks;
  };
  // Newer servers store no status.
  const stored = await blocksOf('FROM');
  const plain = BLOCKS.map((block, at) => (/^NATS\/1.0 /.test(block) ? stored[at] : block));
  expect(stored).toEqual(plain);
  return { url, stored, blocksOf };
}

it.each(['limits', 'workqueue'] as const)(
  'a recording of a stream (%s) and its replay keep each header block byte for byte',
  async (retention) => {
    const { url, stored, blocksOf } = await filledServer(retention);
    const file = join(temporaryFolder('copies'), 'from.jsonl');
    const recorded = await runCli(['record', file, '--stream', 'FROM', '-s', url]);
    expect(recorded, recorded.stderr).toMatchObject({ code: 0 });
    const replayed = await runCli(['replay', file, '-J', '--map', 'from.>=to.>', '-s', url]);
    expect(replayed, replayed.stderr).toMatchObject({ code: 0 });
    expect(await blocksOf('TO')).toEqual(stored);
  },
);

it('sub --json and pub --jsonl copy each header block byte for byte', async () => {
  const { url, stored, blocksOf } = await filledServer();
  const read = ['sub', '--stream', 'FROM', '--until-end', '--json', '-s', url];
  const { stdout, stderr } = await runCli(read);
  const lines = stdout.trimEnd().split('\n');
  expect(lines, stderr).toHaveLength(BLOCKS.length);
  const stdin = stdout.replaceAll('"subject":"from.', '"subject":"copy.');
  const copied = await runCli(['pub', '--jsonl', '-J', '-s', url], { stdin });
  expect(copied, copied.stderr).toMatchObject({ code: 0 });
  expect(await blocksOf('COPY')).toEqual(stored);
  const got = await runCli(['stream', 'get', 'FROM', '6', '--json', '-s', url]);
  const encoded = Buffer.from(stored[5] ?? '', 'latin1').toString('base64');
  expect(JSON.parse(got.stdout)).toMatchObject({ headers_base64: encoded });
});

it('headers that are added stand behind those that came', async () => {
  const { url, blocksOf } = await filledServer();
  const file = join(temporaryFolder('copies'), 'from.jsonl');
  await runCli(['record', file, '--stream', 'FROM', '-s', url]);
  const stdin = readFileSync(file, 'utf8')
    .split('\n')
    .slice(1)
    .join('\n')
    .replaceAll('"from.', '"to.');
  const flags = ['--msg-id', 'id-{{Count}}', '--expect-stream', 'TO', '-H', 'Name: new'];
  const copied = await runCli(['pub', '--jsonl', '-J', ...flags, '-s', url], { stdin });
  expect(copied, copied.stderr).toMatchObject({ code: 0 });
  const [latin1, , , , , two] = await blocksOf('TO');
  const added = 'Name: new\r\nNats-Expected-Stream: TO\r\nNats-Msg-Id: id-';
  expect(latin1).toBe(`NATS/1.0\r\n${added}1\r\n\r\n`);
  expect(two).toContain(`\r\nA: \xff\xfe\r\n${added}6\r\n\r\n`);
});

it('core messages keep a status, in a recording and as text', async () => {
  const { url } = await startNatsServer();
  const file = join(temporaryFolder('copies'), 'core.jsonl');
  const recording = startCli(['record', file, '--subject', 'a.>', '--count', '1', '-s', url]);
  await recording.waitForStderr(/subscribed/);
  const showing = startCli(['sub', 'a.>', '--count', '1', '-s', url]);
  await showing.waitForStderr(/subscribed/);
  const lane = await laneTo(dialTo(url));
  const block = 'NATS/1.0 409 Message Size\r\nName: caf\xe9\r\n\r\n';
  const headersBlock = Buffer.from(block, 'latin1');
  lane.publish({ subject: 'a.b', headersBlock, payload: Buffer.alloc(0) });
  expect((await recording.exit).code).toBe(0);
  const shown = await showing.exit;
  expect(shown.stdout).toContain('status 409 Message Size\nName: caf\\xe9\n');
  const line: unknown = JSON.parse(readFileSync(file, 'utf8').split('\n')[1] ?? '');
  expect(line).toMatchObject({
    status: 409,
    description: 'Message Size',
    headers_base64: headersBlock.toString('base64'),
  });
});

it('a reply that is a status says so', async () => {
  const { url } = await filledServer();
  const pull = '$JS.API.CONSUMER.MSG.NEXT.TO.c';
  const made = await runCli(['consumer', 'create', 'TO', 'c', '--pull', '-s', url]);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const ask = (...flags: string[]) =>
    runCli(['request', pull, '{"no_wait":true}', ...flags, '-s', url]);
  expect((await ask()).stderr).toContain('status 404 No Messages');
  expect((await ask('--raw')).stderr).toContain('a reply is a status: 404 No Messages');
  expect(JSON.parse((await ask('--json')).stdout)).toMatchObject({
    status: 404,
    description: 'No Messages',
    payload: '',
  });
});

it.each(['limits', 'workqueue'] as const)(
  'a recording of a stream (%s) and its replay keep subjects that no person may write',
  async (retention) => {
    if (retention === 'workqueue') await requires('2.11');
    const direct = retention === 'workqueue' ? ['--allow-direct'] : [];
    const { url } = await startNatsServer({ jetstream: true });
    for (const [name, kind] of [
      ['FROM', retention],
      ['TO', 'limits'],
    ]) {
      const stream = ['stream', 'create', name ?? '', '--subjects', `${name?.toLowerCase()}.>`];
      await runCli([...stream, '--retention', kind ?? '', ...direct, '-s', url]);
    }
    const ends = ['\xe9', '*', 'a.>', 'b*', '\x01', '\x00', '\x0b\x7f', 'plain', '\xc3\xa9'];
    const lane = await laneTo(dialTo(url));
    const shown = startCli(['sub', 'from.>', '--count', String(ends.length), '-s', url]);
    await shown.waitForStderr(/subscribed/);
    for (const end of ends) {
      const subject = subjectText(Buffer.from(`from.${end}`, 'latin1'));
      lane.publish({ subject, payload: Buffer.from('x') });
    }
    await lane.flush(60_000);
    const { stdout } = await shown.exit;
    expect(stdout).toContain('from.\\xe9');
    expect(stdout).toContain('from.\\x0b\\x7f');
    const folder = temporaryFolder('copies');
    const record = async (stream: string): Promise<readonly string[]> => {
      const file = join(folder, `${stream}.jsonl`);
      const recorded = await runCli(['record', file, '--stream', stream, '-s', url]);
      expect(recorded, recorded.stderr).toMatchObject({ code: 0 });
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1);
      return lines.map((line) => {
        const { subject } = decodeMessageLine(line);
        return subjectBytes(subject)
          .toString('latin1')
          .replace(/^\w+\./, '');
      });
    };
    expect(await record('FROM')).toEqual(ends);
    const map = ['--map', 'from.>=to.>'];
    const replayed = await runCli(['replay', join(folder, 'FROM.jsonl'), '-J', ...map, '-s', url]);
    expect(replayed, replayed.stderr).toMatchObject({ code: 0 });
    expect(await record('TO')).toEqual(ends);
  },
);

it('a work queue that does not say what its subjects are is not recorded as if it did', async () => {
  const { url } = await startNatsServer({ jetstream: true });
  const create = ['stream', 'create', 'Q', '--subjects', 'q.>', '--retention', 'workqueue'];
  await runCli([...create, '-s', url]);
  const lane = await laneTo(dialTo(url));
  lane.publish({
    subject: subjectText(Buffer.from('q.\xe9', 'latin1')),
    payload: Buffer.from('x'),
  });
  await lane.flush(60_000);
  const file = join(temporaryFolder('copies'), 'q.jsonl');
  const { code, stderr } = await runCli(['record', file, '--stream', 'Q', '-s', url]);
  expect(code).toBe(9);
  expect(stderr).toContain('the subject of message 1 of "Q" has bytes that are not valid UTF-8');
  const got = await runCli(['stream', 'get', 'Q', '1', '-s', url]);
  expect(got.stderr).toContain('warning: the subject may have bytes that are not UTF-8');
});

it('a command handles a message whose subject no environment can hold', async () => {
  const { url } = await startNatsServer({ jetstream: true });
  await runCli(['stream', 'create', 'N', '--subjects', 'n.>', '-s', url]);
  const lane = await laneTo(dialTo(url));
  lane.publish({ subject: 'n.\0', payload: Buffer.from('x\0y') });
  await lane.flush(60_000);
  const work = ['sub', '--stream', 'N', '--durable', 'w', '--create', '--count', '1', '-s', url];
  const command = 'echo "<$NATS_REQUEST_SUBJECT> $NATS_STREAM_SEQUENCE $(wc -c)"';
  const { code, stdout, stderr } = await runCli([...work, '--command', command]);
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '<> 1 3\n' });
});
