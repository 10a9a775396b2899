import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { expect, it } from 'vitest';

import { dialTo, laneTo } from '../integration/wire/dialled.js';
import { startNatsServer } from '../support/nats-server.js';
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
