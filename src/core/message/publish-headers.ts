import { NatsxError, usageError } from '../errors.js';
import type { MessageHeaders } from './message.js';
import { parseDurationMs } from '../values/duration.js';
import { isAtLeast } from '../server-needs.js';

/** The header by which a stream recognizes a message that it has. */
export const MESSAGE_ID = 'Nats-Msg-Id';
const TTL = 'Nats-TTL';
const TTL_SINCE = '2.11';

/**
 * What a stream is to check before it stores a message. Sequences are texts, for they may exceed what a number holds.
 */
export interface Expectations {
  readonly stream?: string | undefined;
  readonly lastSequence?: string | undefined;
  readonly lastSubjectSequence?: string | undefined;
  readonly lastMessageId?: string | undefined;
  /** As `Nats-TTL` has it. */
  readonly ttl?: string | undefined;
}

/** The headers that say so; empty without any. */
export function expectationHeaders(expected: Expectations): MessageHeaders {
  const named: readonly (readonly [string, string | undefined])[] = [
    ['Nats-Expected-Stream', expected.stream],
    ['Nats-Expected-Last-Sequence', expected.lastSequence],
    ['Nats-Expected-Last-Subject-Sequence', expected.lastSubjectSequence],
    ['Nats-Expected-Last-Msg-Id', expected.lastMessageId],
    [TTL, expected.ttl],
  ];
  return new Map(
    named.flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]] as const])),
  );
}

/** A time to live for `Nats-TTL`: a duration of at least a second, or `never`. @throws {NatsxError} usage */
export function parseTimeToLive(text: string): string {
  if (text === 'never') return text;
  const ms = parseDurationMs(text);
  if (ms >= 1000) return `${Math.floor(ms / 1000)}s`;
  throw usageError(
    `a message cannot live for ${text}`,
    'the minimum is 1s; never keeps it forever',
  );
}

/** @throws {NatsxError} rejected — a server that old keeps the message forever, without a warning */
export function checkTimeToLive(ttl: string | undefined, serverVersion: string): void {
  if (ttl === undefined || serverVersion === '' || isAtLeast(serverVersion, TTL_SINCE)) return;
  throw new NatsxError(
    'rejected',
    `the server is too old for --ttl: it is ${serverVersion}, a time to live for messages needs ${TTL_SINCE}`,
    {
      hint: 'leave --ttl out, or update the server',
      details: { server_version: serverVersion, needs: TTL_SINCE },
    },
  );
}
