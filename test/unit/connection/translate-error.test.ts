import { errors } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';

import { NatsxError } from '../../../src/core/errors.js';
import { translateConnectError, translateError } from '../../../src/connection/translate-error.js';

const withCode = (code: string) => Object.assign(new Error(`it was ${code}`), { code });
const permissionViolation = (text: string) =>
  new errors.PermissionViolationError(text, 'publish', 'a.b');
const wrapped = (cause: unknown) => new Error('outer', { cause });

it.each([
  [new errors.NoRespondersError('a.b'), 'no-responders'],
  [new errors.TimeoutError(), 'timeout'],
  [
    new errors.RequestError('failed', { cause: new errors.NoRespondersError('a') }),
    'no-responders',
  ],
  [new errors.RequestError('failed', { cause: new errors.TimeoutError() }), 'timeout'],
  [new errors.RequestError('connection disconnected'), 'connection'],
  [new errors.InvalidSubjectError('a..b'), 'usage'],
  [new errors.ConnectionError('gone'), 'connection'],
  [new errors.ClosedConnectionError(), 'connection'],
  [new errors.AuthorizationError('Authorization Violation'), 'auth'],
  [new errors.UserAuthenticationExpiredError('User Authentication Expired'), 'auth'],
  [permissionViolation('Permissions Violation for Publish to "a.b"'), 'auth'],
  [new errors.ProtocolError('Maximum Payload Violation'), 'rejected'],
  [new errors.ProtocolError('User Authentication Revoked'), 'auth'],
  [new errors.ProtocolError('Unknown Protocol Operation'), 'internal'],
  [withCode('ECONNRESET'), 'connection'],
  [wrapped(wrapped(withCode('EPIPE'))), 'connection'],
  [new TypeError('x is undefined'), 'internal'],
  ['thrown text', 'internal'],
  [undefined, 'internal'],
] as const)('%s', (error, kind) => {
  const failure = translateError(error, 'asking "a.b"');
  expect(failure.kind).toBe(kind);
  expect(failure.message).not.toBe('');
});

it('an error of natsx passes, whatever it is about', () => {
  const own = new NatsxError('not-found', 'there is none');
  expect(translateError(own, 'x')).toBe(own);
  expect(translateConnectError(own, 'x')).toBe(own);
});

it('a chain of causes that bites its tail comes to an end', () => {
  const first = new Error('first');
  first.cause = new Error('second', { cause: first });
  expect(translateError(first, 'x').kind).toBe('internal');
});

it('a violation names what was denied, and the queue group', () => {
  const text = 'Permissions Violation for Subscription to "a.b" using queue "workers"';
  expect(translateError(permissionViolation(text), 'x')).toMatchObject({
    message: 'not permitted to subscribe to "a.b" in the queue group "workers"',
    details: { operation: 'subscribe', subject: 'a.b' },
  });
});

describe('while connecting', () => {
  it('what OpenSSL says is told in one line', () => {
    const places = '80FC02E61E7F0000:error:0A00010B:SSL routines:ssl3_get_record:x:y.c:350:\n';
    const openSsl = (code: string, reason: string): Error =>
      Object.assign(new Error(places), { code, reason, library: 'SSL routines' });
    const plain = openSsl('ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number');
    expect(translateConnectError(plain, 'h:4222').message).toBe(
      'the connection to h:4222 failed: the server does not answer with TLS',
    );
    const other = openSsl('ERR_SSL_UNSUPPORTED_PROTOCOL', 'unsupported protocol');
    expect(translateConnectError(other, 'h:4222').message).toBe(
      'the connection to h:4222 failed: unsupported protocol',
    );
  });

  it.each([
    [withCode('ECONNREFUSED'), 'connection', 'connection refused'],
    [withCode('ENOTFOUND'), 'connection', 'host not found'],
    [new errors.TimeoutError(), 'connection', 'timed out'],
    [wrapped(withCode('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')), 'auth', 'client certificate'],
    [withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'connection', 'is self-signed'],
    [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'connection', 'is for another name'],
    [new errors.AuthorizationError('Authorization Violation'), 'auth', 'refused the credentials'],
    [
      new errors.UserAuthenticationExpiredError('User Authentication Expired'),
      'auth',
      'has expired',
    ],
    [
      new errors.ProtocolError('maximum connections exceeded'),
      'connection',
      'has reached its maximum of connections',
    ],
    [new Error('what is this'), 'connection', 'what is this'],
    [undefined, 'connection', 'the server closed the connection'],
  ] as const)('%s', (error, kind, words) => {
    const failure = translateConnectError(error, 'nats://h');
    expect(failure.kind).toBe(kind);
    expect(failure.message).toContain(words);
  });
});
