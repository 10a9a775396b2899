import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { listArchive, readLook, withHistory } from '../../../src/bundle/run/open-bundle.js';
import { writeBundle } from '../../../src/bundle/run/write-bundle.js';
import { NewZip, type ZipContent } from '../../../src/bundle/run/zip-writer.js';
import { NatsxError } from '../../../src/core/errors.js';
import { temporaryFolder } from '../../support/shut-down.js';
import { lookWith } from './looks.js';

const folder = temporaryFolder('bundle');
const file = join(folder, 'good.zip');
const look = lookWith({ text: 'fine', key: 'team', secret: 'payments' });

async function zipOf(name: string, contents: readonly ZipContent[]): Promise<string> {
  const path = join(folder, name);
  const zip = await NewZip.prepare(path, false);
  await zip.write(contents, 0);
  await zip.close();
  return path;
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** The kind of the failure; undefined if there is none. */
async function failure(path: string): Promise<string | undefined> {
  try {
    await readLook(path);
    return undefined;
  } catch (error) {
    if (error instanceof NatsxError) return error.kind;
    throw error;
  }
}

beforeAll(async () => {
  const zip = await NewZip.prepare(file, false);
  const signal = new AbortController().signal;
  await writeBundle(
    zip,
    { look, history: undefined, isObfuscated: false, secrets: [], version: '0.1.0', nowMs: 0 },
    { signal, onProgress: () => undefined, beforeWriting: () => undefined },
  );
  await zip.close();
});

describe('an archive', () => {
  it('gives back the look', async () => {
    const read = await readLook(file);
    expect(read.window.streams).toEqual(
      JSON.parse(
        JSON.stringify(look.window.streams).replaceAll(
          '"description":"fine"',
          '"description":"[redacted]"',
        ),
      ),
    );
    expect(read.audit.sizes).toEqual(look.audit.sizes);
    expect(await listArchive(file)).toMatchObject({
      format: 'natsx bundle',
      version: '0.1.0',
      obfuscated: false,
      history: undefined,
    });
  });

  it('is unreadable when it ends early, wherever that is', async () => {
    const whole = readFileSync(file);
    const cut = join(folder, 'cut.zip');
    for (let length = 0; length < whole.length; length += 61) {
      writeFileSync(cut, whole.subarray(0, length));
      expect({ length, kind: await failure(cut) }).toEqual({ length, kind: 'usage' });
    }
  });

  it('is read as it was or not at all when bits of it changed', async () => {
    const whole = readFileSync(file);
    const damaged = join(folder, 'damaged.zip');
    const before = await readLook(file);
    for (let at = 0; at < whole.length; at += 37) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      writeFileSync(damaged, changed);
      const kind = await failure(damaged);
      if (kind === undefined) expect(await readLook(damaged)).toEqual(before);
      else expect(['usage', 'not-found']).toContain(kind);
    }
  });

  it.each([
    ['something else', [{ name: 'a.txt', content: bytes('a') }], 'not-found'],
    ['nothing', [], 'not-found'],
    [
      'the manifest of something else',
      [{ name: 'manifest.json', content: bytes('{"name":"x"}') }],
      'not-found',
    ],
    [
      'a manifest of a newer natsx',
      [{ name: 'manifest.json', content: bytes('{"schema":"natsx.bundle/2"}') }],
      'usage',
    ],
    [
      'a manifest alone',
      [{ name: 'manifest.json', content: bytes('{"schema":"natsx.bundle/1","files":[]}') }],
      'usage',
    ],
    [
      'a manifest without end',
      [{ name: 'manifest.json', content: new Uint8Array(64 * 1024 * 1024) }],
      'usage',
    ],
  ] as const)('with %s is refused', async (what, contents, kind) => {
    expect(await failure(await zipOf(`${what.replaceAll(' ', '-')}.zip`, contents))).toBe(kind);
  });

  it('with names that are paths to elsewhere writes nothing there', async () => {
    const path = await zipOf('paths.zip', [
      { name: 'manifest.json', content: bytes('{"schema":"natsx.bundle/1","files":[]}') },
      { name: 'xx/xx/xx/outside.nxh', content: bytes('natsx.history/1\n') },
      { name: 'history/tail.nxh', content: bytes('natsx.history/1\n') },
    ]);
    // The library that writes them refuses such names.
    const hostile = readFileSync(path, 'latin1').replaceAll('xx/xx/xx/outside', '../../../outside');
    writeFileSync(path, hostile, 'latin1');
    const { files } = await listArchive(path);
    expect(files.map(({ name }) => name)).toContain('../../../outside.nxh');
    await withHistory(path, (dir) => {
      expect(readFileSync(join(dir, 'tail.nxh'), 'utf8')).toBe('natsx.history/1\n');
      expect(() => readFileSync(join(dir, '../../../outside.nxh'))).toThrow('ENOENT');
      return Promise.resolve();
    });
  });
});
