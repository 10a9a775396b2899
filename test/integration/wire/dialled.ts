import { onTestFinished } from 'vitest';
import type { DialOptions } from '../../../src/connection/model/dial.js';
import type { NatsxError } from '../../../src/core/errors.js';
import type { Lane, LaneOptions } from '../../../src/wire/lane.js';
import { openLane } from '../../../src/wire/open-lane.js';
import { openSession, type Session, type SessionOptions } from '../../../src/wire/session.js';

/** How a test dials: one server without authentication, unless said otherwise. */
export function dialTo(url: string, differing: Partial<DialOptions> = {}): DialOptions {
  return {
    servers: [url],
    name: 'natsx test',
    credentials: () => ({}),
    tls: undefined,
    tlsFirst: false,
    inboxPrefix: '_INBOX',
    timeoutMs: 20_000,
    ...differing,
  };
}

/** A lane that is closed when the running test ends. */
export async function laneTo(dial: DialOptions, options: Partial<LaneOptions> = {}): Promise<Lane> {
  const lane = await openLane(dial, { version: '0.0.0', ...options });
  onTestFinished(() => lane.close());
  return lane;
}

/** A session that is closed when the running test ends. */
export async function sessionTo(
  dial: DialOptions,
  options: Partial<SessionOptions> = {},
): Promise<Session> {
  const session = await openSession(dial, { version: '0.0.0', ...options });
  onTestFinished(() => session.close());
  return session;
}

/** A promise with the function that fulfils it, to wait for a callback. */
export function callback<Value>(): {
  readonly happened: Promise<Value>;
  readonly happen: (value: Value) => void;
} {
  let happen: (value: Value) => void = () => undefined;
  const happened = new Promise<Value>((resolve) => (happen = resolve));
  return { happened, happen };
}

/** `kind` and message of the rejection; fails the test when there is none. */
export async function failure(action: Promise<unknown>): Promise<NatsxError> {
  try {
    await action;
  } catch (error) {
    return error as NatsxError;
  }
  throw new Error('it did not fail');
}

export const bytes = (text: string): Uint8Array => Buffer.from(text);
