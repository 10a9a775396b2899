import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { compareVersions } from '../../../scripts/find-program.mjs';
import { releaseName, verifyChecksum } from '../../../scripts/release-archive.mjs';

describe('the name of a release', () => {
  test.each([
    ['linux', 'x64', 'nats-server-v2.15.3-linux-amd64'],
    ['linux', 'arm64', 'nats-server-v2.15.3-linux-arm64'],
    ['darwin', 'arm64', 'nats-server-v2.15.3-darwin-arm64'],
    ['win32', 'x64', 'nats-server-v2.15.3-windows-amd64'],
  ])('on %s with %s', (platform, arch, name) => {
    expect(releaseName('nats-server', '2.15.3', { platform, arch })).toBe(name);
  });

  test('a machine without a release is told so', () => {
    const machine = { platform: 'aix', arch: 'ppc' };
    expect(() => releaseName('nats-server', '2.15.3', machine)).toThrow(/aix on ppc/);
  });
});

describe('a checksum', () => {
  const bytes = Buffer.from('archive');
  const right = createHash('sha256').update(bytes).digest('hex');

  test('is accepted when it is the published one', () => {
    const sums = `${'0'.repeat(64)}  other.tar.gz\n${right}  a.tar.gz\n`;
    expect(() => verifyChecksum('a.tar.gz', bytes, sums)).not.toThrow();
    expect(() =>
      verifyChecksum('a.tar.gz', bytes, `${right.toUpperCase()} *a.tar.gz\r\n`),
    ).not.toThrow();
  });

  test('is refused when it is another, or missing', () => {
    const wrong = `${'0'.repeat(64)}  a.tar.gz\n`;
    expect(() => verifyChecksum('a.tar.gz', bytes, wrong)).toThrow(/not used/);
    expect(() => verifyChecksum('a.tar.gz', bytes, `${right}  xa.tar.gz\n`)).toThrow(
      /does not name/,
    );
    expect(() => verifyChecksum('a.tar.gz', bytes, '')).toThrow(/does not name/);
  });
});

test.each([
  ['2.9.10', '2.10.0', -1],
  ['2.15.3', '2.9.25', 1],
  ['2.10.0', '2.10.0', 0],
  ['unknown', '0.0.1', -1],
])('version %s against %s', (left, right, sign) => {
  expect(Math.sign(compareVersions(left, right))).toBe(sign);
});
