import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  isLoopback,
  isOwnHost,
  isSameToken,
  newToken,
  targetOf,
} from '../../../src/serve/access.js';

const place = (host: string, address: string) => ({ host, address, machine: 'Nats-1' });

describe('isOwnHost', () => {
  it.each([
    ['localhost', '127.0.0.1', true],
    ['LocalHost.:8080', '127.0.0.1', true],
    ['127.0.0.1:1', '127.0.0.1', true],
    ['127.0.0.2', '127.0.0.1', true],
    ['[::1]:9', '::1', true],
    ['10.0.0.7:9', '127.0.0.1', false],
    ['evil.example', '127.0.0.1', false],
    ['nats-1', '127.0.0.1', false],
    ['10.0.0.7:9', '10.0.0.7', true],
    ['10.0.0.8:9', '10.0.0.7', false],
    ['127.0.0.1', '10.0.0.7', false],
    ['10.0.0.7', '0.0.0.0', true],
    ['[fe80::1]', '::', true],
    ['nats-1:80', '0.0.0.0', true],
    ['evil.example', '0.0.0.0', false],
    ['', '0.0.0.0', false],
    ['127.0.0.1@evil.example', '127.0.0.1', false],
    ['[127.0.0.1', '127.0.0.1', false],
  ])('%s at %s: %s', (header, address, expected) => {
    expect(isOwnHost(header, place(address, address))).toBe(expected);
  });

  it('accepts the name that the user gave', () => {
    expect(isOwnHost('Ops.Example:9', place('ops.example', '10.0.0.7'))).toBe(true);
    expect(isOwnHost(undefined, place('ops.example', '10.0.0.7'))).toBe(false);
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['128.0.0.1', false],
  ['0.0.0.0', false],
  ['::', false],
  ['localhost', false],
])('isLoopback %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

describe('targetOf', () => {
  const token = 'a-token_0123456789';
  it('takes the token from the path, the query or the header, and nothing else', () => {
    const allowed = (url: string, header?: string) => targetOf(url, header, token)?.isAllowed;
    expect(allowed(`/${token}/api?at=1`)).toBe(true);
    expect(allowed(`/api?at=1&token=${token}`)).toBe(true);
    expect(allowed('/api', `bearer ${token}`)).toBe(true);
    expect(allowed(`/api/${token}`)).toBe(false);
    expect(allowed(`/api#${token}`)).toBe(false);
    expect(allowed('/api', `Basic ${token}`)).toBe(false);
    expect(targetOf(`/${token}/api?at=1`, undefined, token)?.path).toBe('/api');
  });

  it('never throws, and only the token opens', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (path, header) => {
        fc.pre(!path.includes(token) && !header.includes(token));
        expect(targetOf(`/${path}`, header, token)?.isAllowed).toBe(false);
      }),
    );
  });
});

it('compares tokens', () => {
  expect(newToken()).toMatch(/^[\w-]{24}$/);
  expect(newToken()).not.toBe(newToken());
  expect(isSameToken('a', 'a')).toBe(true);
  expect(isSameToken('a', 'ab')).toBe(false);
});
