import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { dialTo, laneTo } from '../integration/wire/dialled.js';
import { startNatsServer } from '../support/nats-server.js';
import { runCli, startCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

const KIB = 1024;
const SIZES = [0, 1, 4095, 4096, 4097, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 1024 * KIB - 1];
/** More than a pipe and the buffers behind it hold. */
const ROUNDS = 6;

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

it('payloads of every size come out as they went in, also into a pipe that is read late', async () => {
  const { url } = await startNatsServer({ jetstream: true });
  await runCli(['stream', 'create', 'S', '--subjects', 's', '-s', url]);
  const lane = await laneTo(dialTo(url));
  const payloads = Array.from({ length: ROUNDS }, () =>
    SIZES.map((size) => randomBytes(size)),
  ).flat();
  for (const payload of payloads) lane.publish({ subject: 's', payload });
  await lane.flush(60_000);
  const folder = temporaryFolder('sizes');
  const read = ['sub', '--stream', 'S', '--until-end', '-s', url];

  const raw = startCli([...read, '--raw', '--delimiter', 'none', '--slow', 'wait']);
  raw.pauseStdout();
  const file = join(folder, 's.jsonl.gz');
  const recorded = await runCli(['record', file, '--stream', 'S', '-s', url]);
  raw.resumeStdout();
  const { stdoutBytes, code, stderr } = await raw.exit;
  expect(code, stderr).toBe(0);
  expect(digest(stdoutBytes)).toBe(digest(Buffer.concat(payloads)));
  expect(recorded, recorded.stderr).toMatchObject({ code: 0 });

  const files = join(folder, 'files');
  const written = await runCli([...read, '--raw', '--output-dir', files]);
  expect(written, written.stderr).toMatchObject({ code: 0 });
  const found = readdirSync(files).sort((a, b) => parseInt(a, 10) - parseInt(b, 10));
  expect(found.map((name) => digest(readFileSync(join(files, name))))).toEqual(
    payloads.map(digest),
  );

  const worked = await runCli([
    ...['sub', '--durable', 'w', '--stream', 'S', '--create', '-s', url],
    ...[
      '--count',
      String(payloads.length),
      '--command',
      `cat > ${folder}/$NATS_STREAM_SEQUENCE.work`,
    ],
  ]);
  expect(worked, worked.stderr).toMatchObject({ code: 0 });
  const handled = payloads.map((_, at) => readFileSync(join(folder, `${at + 1}.work`)));
  expect(handled.map(digest)).toEqual(payloads.map(digest));

  await runCli(['stream', 'create', 'T', '--subjects', 't', '-s', url]);
  const replayed = await runCli(['replay', file, '-J', '--map', 's=t', '-s', url]);
  expect(replayed, replayed.stderr).toMatchObject({ code: 0 });
  const again = ['sub', '--stream', 'T', '--until-end', '--raw', '--delimiter', 'none', '-s', url];
  const copied = await runCli(again);
  expect(digest(copied.stdoutBytes)).toBe(digest(Buffer.concat(payloads)));
});

it('a line of JSON may be longer than the largest message', async () => {
  const { url } = await startNatsServer({ maxPayload: 64 * 1024 * KIB });
  const payload = randomBytes(50 * 1024 * KIB);
  const reading = startCli(['sub', 'a', '--count', '1', '--json', '-s', url]);
  await reading.waitForStderr(/subscribed/);
  const sent = await runCli(['pub', 'a', '-', '-s', url], { stdin: payload });
  expect(sent, sent.stderr).toMatchObject({ code: 0 });
  const { stdoutBytes } = await reading.exit;
  expect(stdoutBytes.length).toBeGreaterThan(64 * 1024 * KIB);
  const copying = startCli(['sub', 'b', '--count', '1', '--raw', '--delimiter', 'none', '-s', url]);
  await copying.waitForStderr(/subscribed/);
  const copied = await runCli(['pub', 'b', '--jsonl', '-s', url], { stdin: stdoutBytes });
  expect(copied, copied.stderr).toMatchObject({ code: 0 });
  expect(digest((await copying.exit).stdoutBytes)).toBe(digest(payload));
});
