import { expect, test } from 'vitest';
import {
  requires,
  serverBinary,
  serverIsAtLeast,
  serverVersion,
} from '../../support/server-version.js';

test('the version of the server under test is known', async () => {
  expect(await serverVersion()).toMatch(/^2\.\d+\.\d+$/);
  expect(await serverVersion(await serverBinary())).toBe(await serverVersion());
});

test('versions are compared as numbers', async () => {
  const version = await serverVersion();
  const [major, minor] = version.split('.').map(Number) as [number, number];
  expect(await serverIsAtLeast(version)).toBe(true);
  expect(await serverIsAtLeast(`${major}.${minor - 1}`)).toBe(true);
  expect(await serverIsAtLeast(`${major}.${minor + 1}`)).toBe(false);
  expect(await serverIsAtLeast(`${major + 1}.0`)).toBe(false);
});

test('a test that needs no more than this server runs', async () => {
  await expect(requires('2.0')).resolves.toBeUndefined();
});
