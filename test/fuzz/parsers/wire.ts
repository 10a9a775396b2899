import fc from 'fast-check';
import {
  decodeHeadersBlock,
  encodeHeadersBlock,
  readStatus,
} from '../../../src/core/message/headers-block.js';
import { parsePublishAnswer } from '../../../src/streams/model/publish-ack.js';
import { pullStatus } from '../../../src/streams/model/pull-status.js';
import { storedDelivery } from '../../../src/streams/model/direct-message.js';
import {
  ENVELOPE_BYTES,
  EnvelopeReader,
  EnvelopeWriter,
} from '../../../src/verify/model/envelope.js';
import type { MessageView } from '../../../src/wire/message-view.js';
import { Parser } from '../../../src/wire/parser.js';
import { serverError } from '../../../src/connection/model/server-error.js';
import { parseServerInfo } from '../../../src/wire/server-info.js';
import { near, nearBytes } from './mutations.js';
import { parser, type ParserUnderTest } from './parser.js';

interface Frame {
  readonly bytes: Buffer;
  /** What the parser has to say of it. */
  readonly seen: string;
}

const subject = fc.constantFrom('a', 'orders.new', 'ü.水', 'x'.repeat(300), '_INBOX.1.2');
const bytes = fc
  .oneof(
    { weight: 5, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    {
      weight: 1,
      arbitrary: fc.nat(70_000).map((length) => new Uint8Array(length).fill(13)),
    },
    { weight: 1, arbitrary: fc.constant(Buffer.from('\r\nMSG a 1 3\r\nabc\r\n')) },
  )
  .map((part) => Buffer.from(part));
const block = fc
  .tuple(fc.constantFrom('NATS/1.0', 'NATS/1.0 503', 'NATS/1.0 404 No Messages'), bytes)
  .map(([first, value]) =>
    Buffer.concat([Buffer.from(`${first}\r\nA: `), withoutBreaks(value), Buffer.from('\r\n\r\n')]),
  );

const messageFrame: fc.Arbitrary<Frame> = fc
  .record({
    subject,
    sid: fc.nat(1_000_000),
    reply: fc.option(fc.constantFrom('_INBOX.r', '$JS.ACK.S.C.1.2.3.4.5'), { nil: undefined }),
    headers: fc.option(block, { nil: undefined }),
    payload: bytes,
  })
  .map(({ subject: to, sid, reply, headers, payload }) => {
    const words = [to, `${sid}`, ...(reply === undefined ? [] : [reply])].join(' ');
    const line =
      headers === undefined
        ? `MSG ${words} ${payload.length}`
        : `HMSG ${words} ${headers.length} ${headers.length + payload.length}`;
    return {
      bytes: Buffer.concat([
        Buffer.from(`${line}\r\n`),
        headers ?? Buffer.alloc(0),
        payload,
        Buffer.from('\r\n'),
      ]),
      seen: messageText(to, sid, reply, headers ?? Buffer.alloc(0), payload),
    };
  });

const controlFrame: fc.Arbitrary<Frame> = fc
  .constantFrom('PING', 'PONG', '+OK', "-ERR 'Authorization Violation'", 'INFO {"max_payload":1}')
  .map((line) => ({ bytes: Buffer.from(`${line}\r\n`), seen: line === '+OK' ? '' : line }));

const frames = fc.array(fc.oneof({ weight: 4, arbitrary: messageFrame }, controlFrame), {
  minLength: 1,
  maxLength: 6,
});

const examples = [
  'INFO {"server_id":"N","version":"2.15.3","max_payload":1048576,"headers":true}\r\n',
  'MSG orders.new 1 5\r\nhello\r\n',
  'MSG orders.new 1 _INBOX.a 0\r\n\r\n',
  'HMSG a 1 12 17\r\nNATS/1.0\r\n\r\nhello\r\n',
  'HMSG a 1 r 16 16\r\nNATS/1.0 503\r\n\r\n\r\n',
  'PING\r\nPONG\r\n+OK\r\n',
  '-ERR \'Permissions Violation for Publish to "a"\'\r\n',
];

/** What servers send. */
export const wireParsers: readonly ParserUnderTest[] = [
  parser(
    'protocol frames, split anywhere',
    fc.tuple(frames, fc.array(fc.nat(), { maxLength: 8 })),
    ([sent, cuts]) => {
      const all = Buffer.concat(sent.map((frame) => frame.bytes));
      const seen = parsePieces(all, cuts);
      const wanted = sent.map((frame) => frame.seen).filter((text) => text !== '');
      if (JSON.stringify(seen) !== JSON.stringify(wanted)) {
        throw new Error(`read ${JSON.stringify(seen).slice(0, 300)}`);
      }
    },
  ),
  parser(
    'protocol, corrupted',
    fc.tuple(
      nearBytes(examples.map((text) => Buffer.from(text))),
      fc.array(fc.nat(), { maxLength: 4 }),
    ),
    ([spoilt, cuts]) => parsePieces(spoilt, cuts),
  ),
  parser(
    'INFO',
    near(['{"server_id":"N","max_payload":1,"connect_urls":["a:1"],"nonce":"x"}', '[]', '1']),
    (json) => parseServerInfo(json),
  ),
  parser(
    '-ERR',
    near(
      [
        "'Authorization Violation'",
        '\'Permissions Violation for Publish to "a.b"\'',
        '\'Permissions Violation for Subscription to "a" using queue "q"\'',
        "'Maximum Payload Violation'",
        "'User Authentication Expired'",
      ],
      ['"', "'", 'Permissions Violation for '],
    ),
    (text) => serverError(text, 'nats://127.0.0.1:4222').error.message,
  ),
  parser(
    'blocks of headers',
    nearBytes(
      [
        'NATS/1.0\r\nA: b\r\nA: c\r\n\r\n',
        'NATS/1.0 503\r\n\r\n',
        'NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 9\r\nNats-Pending-Messages: x\r\n\r\n',
        'NATS/1.0\r\nNats-Subject: a\r\nNats-Sequence: 5\r\nNats-Time-Stamp: 2026-11-22T22:30:00Z\r\n\r\n',
      ].map((text) => Buffer.from(text)),
    ),
    (block) => {
      const headers = decodeHeadersBlock(block);
      const status = readStatus(block);
      if (status !== undefined) {
        pullStatus({ ...status, value: (name) => headers.get(name)?.[0] });
      }
      storedDelivery({ subject: 'a', headers, payload: Buffer.alloc(0), receivedAtMs: 0 }, 'S');
      encodeHeadersBlock(headers);
    },
  ),
  parser(
    'acknowledgements of streams',
    near(
      [
        '{"stream":"S","seq":1}',
        '{"stream":"S","domain":"hub","seq":12,"duplicate":true}',
        '{"type":"x","error":{"code":400,"err_code":10071,"description":"wrong last sequence: 3"}}',
        '{"error":{"code":503}}',
      ],
      ['"seq":', '18446744073709551615', '"error":'],
    ),
    (text) => parsePublishAnswer(text),
  ),
  parser(
    'envelopes of verify',
    fc.tuple(nearBytes([envelope(1, 64), envelope(70_000, 40)]), fc.nat(10)),
    ([message, start]) => {
      const reader = new EnvelopeReader('8e021d8d');
      reader.read(message, Math.min(start, message.length), message.length);
    },
  ),
];

function envelope(number: number, size: number): Buffer {
  const writer = new EnvelopeWriter('8e021d8d', 1, new Uint8Array(size - ENVELOPE_BYTES));
  return Buffer.from(writer.write(number, 1_700_000_000_000));
}

function parsePieces(all: Buffer, cuts: readonly number[]): readonly string[] {
  const seen: string[] = [];
  const parser = new Parser({
    message: (view) => void seen.push(viewText(view)),
    info: (json) => void seen.push(`INFO ${json}`),
    ping: () => void seen.push('PING'),
    pong: () => void seen.push('PONG'),
    error: (text) => void seen.push(`-ERR ${text}`),
  });
  const places = cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, all.length]) {
    // The parser's caller uses its buffer again at once.
    const piece = Buffer.from(all.subarray(from, to));
    parser.push(piece);
    piece.fill(0);
    from = to;
  }
  return seen;
}

function viewText(view: MessageView): string {
  const headers = view.hasHeaders ? Buffer.from(view.headersBlock) : Buffer.alloc(0);
  return messageText(view.subject, view.sid, view.reply, headers, view.payload);
}

function messageText(
  to: string,
  sid: number,
  reply: string | undefined,
  headers: Buffer,
  payload: Buffer,
): string {
  const parts = [headers, payload].map((part) => part.toString('base64'));
  return [to, sid, reply ?? '', ...parts].join(' ');
}

function withoutBreaks(value: Buffer): Buffer {
  return Buffer.from(value.map((byte) => (byte === 13 || byte === 10 ? 32 : byte)));
}
