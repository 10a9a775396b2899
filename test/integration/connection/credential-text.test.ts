import { chmodSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { readCredential, readTextFile } from '../../../src/connection/credential-text.js';
import { complaint } from '../../support/complaint.js';
import { temporaryFolder } from '../../support/shut-down.js';

afterEach(() => void vi.unstubAllEnvs());

const folder = temporaryFolder('credentials');
const file = join(folder, 'secret.txt');
writeFileSync(file, 'from a file\r\n\n');

/** A program of that name, first on PATH. */
function program(name: string, script: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`);
}

describe('spellings of a credential', () => {
  it('reads a bare text as a path or as the secret itself', () => {
    expect(readCredential(file, 'path', { owner: '--creds' })).toBe('from a file');
    expect(readCredential('s3cret', 'literal', { owner: '--token' })).toBe('s3cret');
  });

  it('reads file://', () => {
    expect(readCredential(`file://${file}`, 'literal', { owner: '--token' })).toBe('from a file');
  });

  it('reads env://', () => {
    vi.stubEnv('NATSX_TEST_SECRET', 'from the environment\n');
    expect(readCredential('env://NATSX_TEST_SECRET', 'path', { owner: '--creds' })).toBe(
      'from the environment',
    );
    expect(
      complaint(() => readCredential('env://NATSX_TEST_NONE', 'path', { owner: '--creds' })),
    ).toBe('usage: --creds names the environment variable NATSX_TEST_NONE, which is not set');
  });

  it('reads data URIs, and only base64 ones', () => {
    const uri = `data:;base64,${Buffer.from('inline').toString('base64')}`;
    expect(readCredential(uri, 'path', { owner: '--creds' })).toBe('inline');
    expect(complaint(() => readCredential('data:text/plain,x', 'path', { owner: '--creds' }))).toBe(
      'usage: --creds is not a base64 data URI',
    );
  });

  it('asks op for op://', () => {
    program('op', 'echo "$1 $2"');
    expect(readCredential('op://vault/item/field', 'literal', { owner: '--password' })).toBe(
      'read op://vault/item/field',
    );
  });

  it('asks nsc for nsc://', () => {
    program('nsc', `echo '{"user_creds":"${file}"}'`);
    expect(readCredential('nsc://O/A/U', 'path', { owner: '--creds' })).toBe('from a file');
  });

  it.each([
    [
      'exit 1',
      'usage: --creds needs the program "nsc", which failed ("nsc generate profile O/A/1")',
      'O/A/1',
    ],
    [
      'echo "no such user" >&2; exit 1',
      'usage: --creds needs the program "nsc", which failed: no such user ("nsc generate profile O/A/2")',
      'O/A/2',
    ],
    ['echo "{}"', 'usage: --creds: nsc named no credentials file', 'O/A/3'],
    ['echo "no JSON"', 'usage: --creds: nsc named no credentials file', 'O/A/4'],
  ])('says when nsc does %s', (script, sentence, profile) => {
    program('nsc', script);
    const read = () => readCredential(`nsc://${profile}`, 'path', { owner: '--creds' });
    expect(complaint(read)).toBe(sentence);
  });

  it('says when the program is not there', () => {
    vi.stubEnv('PATH', '/nonexistent');
    expect(complaint(() => readCredential('op://a/b/c', 'literal', { owner: '--token' }))).toBe(
      'usage: --token needs the program "op", which is not on the PATH',
    );
  });
});

describe('paths', () => {
  it('expand ~ and variables', () => {
    vi.stubEnv('NATSX_TEST_FOLDER', folder);
    expect(readTextFile('$NATSX_TEST_FOLDER/secret.txt', { owner: '--tls-ca' })).toContain(
      'from a file',
    );
    expect(readTextFile('${NATSX_TEST_FOLDER}/secret.txt', { owner: '--tls-ca' })).toContain(
      'from a file',
    );
    expect(complaint(() => readTextFile('~/natsx-none.pem', { owner: '--tls-ca' }))).toContain(
      `"${join(homedir(), 'natsx-none.pem')}"`,
    );
  });

  it('are named with the context that holds them', () => {
    const origin = { owner: 'the context "prod"', key: 'creds' };
    const missing = join(folder, 'none.creds');
    expect(complaint(() => readTextFile(missing, origin))).toContain(
      `cannot read the file "${missing}" of the context "prod" (creds): there is no such file or folder (ENOENT)`,
    );
    expect(complaint(() => readTextFile(folder, origin))).toContain('it is a folder (EISDIR)');
    expect(complaint(() => readCredential('env://NATSX_TEST_NONE', 'path', origin))).toContain(
      'the creds of the context "prod" names the environment variable',
    );
  });

  it('are named with the flag and the reason when they cannot be read', () => {
    const missing = join(folder, 'none.creds');
    expect(complaint(() => readTextFile(missing, { owner: '--creds' }))).toBe(
      `usage: cannot read the file "${missing}" of --creds: there is no such file or folder (ENOENT) | check the path and its permissions`,
    );
  });
});
