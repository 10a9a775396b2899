import { describe, expect, it } from 'vitest';
import { serverError } from '../../../../src/connection/model/server-error.js';

describe('serverError', () => {
  it.each([
    ["'Authorization Violation'", 'auth', true],
    ["'User Authentication Expired'", 'auth', true],
    ["'User Authentication Revoked'", 'auth', true],
    ["'Account Authentication Expired'", 'auth', true],
    ["'Authentication Timeout'", 'auth', true],
    ["'maximum connections exceeded'", 'connection', true],
    ["'maximum account active connections exceeded'", 'connection', true],
    ["'maximum subscriptions exceeded'", 'rejected', false],
    ["'Maximum Payload Violation'", 'rejected', true],
    ["'Stale Connection'", 'connection', true],
    ["'Slow Consumer'", 'connection', true],
    ["'Unknown Protocol Operation'", 'internal', true],
    ["'Invalid Publish Subject'", 'rejected', false],
    ["'Secure Connection - TLS Required'", 'connection', true],
  ])('%s is %s', (text, kind, fatal) => {
    const result = serverError(text, 'host:4222');
    expect({ kind: result.error.kind, fatal: result.fatal }).toEqual({ kind, fatal });
    expect(result.error.message).toContain('host:4222');
  });

  it.each([
    [`'Permissions Violation for Publish to "a.b"'`, 'publish', 'a.b'],
    [`'Permissions Violation for Subscription to "a.>"'`, 'subscribe', 'a.>'],
    [`'Permissions Violation for Subscription to "a" using queue "q"'`, 'subscribe', 'a'],
    [`'Permissions Violation for Publish with Reply of "r.1"'`, 'publish', 'r.1'],
  ])('%s names the operation and the subject', (text, operation, subject) => {
    const { error, fatal } = serverError(text, 'host:4222');
    expect(fatal).toBe(false);
    expect(error.kind).toBe('auth');
    expect(error.details).toEqual({ server: 'host:4222', operation, subject });
  });
});
