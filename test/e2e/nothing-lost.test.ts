import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

import { serverBinary } from '../support/server-version.js';

const script = join(import.meta.dirname, '../../bench/nothing-lost.mjs');

it('record, replay and pub --lines lose and double nothing while the server is restarted twice', async () => {
  const args = ['--messages', '50000', '--rate', '25000'];
  const env = { ...process.env, NATSX_NATS_SERVER: await serverBinary() };
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { env });
  expect(stdout).toContain('the two recordings: 50,000 messages, byte for byte');
  expect(stdout).toContain('the lines and the stream: 50,000 messages, byte for byte');
  expect(stdout.match(/lost the connection/g)).toHaveLength(4);
});
