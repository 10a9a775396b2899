import { describe, expect, it } from 'vitest';
import { complaint } from '../../support/complaint.js';
import { parseServerAddress } from '../../../src/wire/server-address.js';

describe('parseServerAddress', () => {
  it.each([
    ['nats://example.com:4333', 'example.com', 4333, false, 'example.com:4333'],
    ['tls://example.com', 'example.com', 4222, true, 'example.com:4222'],
    ['127.0.0.1:5555', '127.0.0.1', 5555, false, '127.0.0.1:5555'],
    ['nats://[::1]:4222', '::1', 4222, false, '[::1]:4222'],
    ['localhost', 'localhost', 4222, false, 'localhost:4222'],
    ['nats://user:p%40ss@host:1', 'host', 1, false, 'host:1'],
  ])('reads %s', (url, host, port, secure, label) => {
    expect(parseServerAddress(url)).toEqual({ host, port, secure, label, place: 0 });
  });

  it.each(['http://a', 'ws://a:80', 'nats://a:0', 'nats://a:70000', 'nats://a b', 'a:b:c'])(
    'refuses %s',
    (url) => {
      expect(() => parseServerAddress(url)).toThrow(/invalid/);
    },
  );

  it('never prints a password', () => {
    const text = complaint(() => parseServerAddress('http://user:secret@host'));
    expect(text).not.toContain('secret');
  });
});
