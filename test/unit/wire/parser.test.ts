import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NatsxError } from '../../../src/core/errors.js';
import { subjectBytes, subjectText } from '../../../src/core/subject/subject-bytes.js';
import { Parser, type FrameSink } from '../../../src/wire/parser.js';
import { headersBlock } from '../core/message/arbitrary-headers.js';

type Frame =
  | { readonly type: 'info' | 'error'; readonly text: string }
  | { readonly type: 'ping' | 'pong' }
  | {
      readonly type: 'message';
      readonly sid: number;
      readonly subject: string;
      readonly reply: string | undefined;
      readonly headers: string;
      readonly payload: string;
    };

function recorder(): { readonly sink: FrameSink; readonly frames: Frame[] } {
  const frames: Frame[] = [];
  const sink: FrameSink = {
    message: (view) =>
      frames.push({
        type: 'message',
        sid: view.sid,
        subject: view.subject,
        reply: view.reply,
        headers: view.headersBlock.toString('latin1'),
        payload: Buffer.from(view.payloadCopy()).toString('base64'),
      }),
    info: (text) => frames.push({ type: 'info', text }),
    error: (text) => frames.push({ type: 'error', text }),
    ping: () => frames.push({ type: 'ping' }),
    pong: () => frames.push({ type: 'pong' }),
  };
  return { sink, frames };
}

function encode(frame: Frame): Buffer {
  switch (frame.type) {
    case 'info':
      return Buffer.from(`INFO ${frame.text}\r\n`);
    case 'error':
      return Buffer.from(`-ERR ${frame.text}\r\n`);
    case 'ping':
      return Buffer.from('PING\r\n');
    case 'pong':
      return Buffer.from('PONG\r\n');
    case 'message': {
      const payload = Buffer.from(frame.payload, 'base64');
      const reply = frame.reply === undefined ? '' : `${frame.reply} `;
      const start = `${frame.subject} ${frame.sid} ${reply}`;
      const size = frame.headers.length + payload.length;
      const line =
        frame.headers === ''
          ? `MSG ${start}${size}\r\n`
          : `HMSG ${start}${frame.headers.length} ${size}\r\n`;
      const headers = Buffer.from(frame.headers, 'latin1');
      return Buffer.concat([subjectBytes(line), headers, payload, Buffer.from('\r\n')]);
    }
  }
}

const subject = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9_$é.-]{1,40}$/),
  fc
    .uint8Array({ minLength: 1, maxLength: 8 })
    .map((bytes) => subjectText(bytes.filter((byte) => ![9, 10, 13, 32].includes(byte))))
    .filter((text) => text !== ''),
);
const payload = fc
  .oneof(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('\r\n', 'MSG a 1 2\r\nxx\r\n', '\r'))
  .map((bytes) => Buffer.from(bytes).toString('base64'));
const message: fc.Arbitrary<Frame> = fc.record({
  type: fc.constant('message'),
  sid: fc.integer({ min: 1, max: 999_999_999 }),
  subject,
  reply: fc.option(subject, { nil: undefined }),
  headers: fc.oneof(
    fc.constantFrom('', 'NATS/1.0\r\nA: b\r\n\r\n', 'NATS/1.0 503\r\n\r\n'),
    headersBlock.map((block) => Buffer.from(block).toString('latin1')),
  ),
  payload,
});
const control: fc.Arbitrary<Frame> = fc.constantFrom<Frame>(
  { type: 'info', text: '{"server_id":"x"}' },
  { type: 'error', text: "'Stale Connection'" },
  { type: 'ping' },
  { type: 'pong' },
);

describe('Parser', () => {
  it('gives the same frames however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(message, control), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 40 }),
        (frames, cuts) => {
          const stream = Buffer.concat(frames.map(encode));
          const { sink, frames: seen } = recorder();
          const parser = new Parser(sink);
          // One buffer for all reads, as the socket has: what was read before is overwritten.
          const shared = Buffer.alloc(80);
          for (let at = 0, cut = 0; at < stream.length; cut++) {
            const length = Math.min(cuts[cut % cuts.length]!, stream.length - at);
            shared.fill(77);
            stream.copy(shared, 0, at, at + length);
            parser.push(shared, length);
            at += length;
          }
          expect(seen).toEqual(frames);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('counts messages and reads a payload larger than its first buffer', () => {
    const { sink, frames } = recorder();
    const parser = new Parser(sink);
    const big = Buffer.alloc(300_000, 1).toString('base64');
    const frame: Frame = {
      type: 'message',
      sid: 7,
      subject: 'a',
      reply: undefined,
      headers: '',
      payload: big,
    };
    const stream = Buffer.concat([encode(frame), encode(frame)]);
    for (let at = 0; at < stream.length; at += 65_536) {
      parser.push(stream.subarray(at, at + 65_536));
    }
    expect(frames).toEqual([frame, frame]);
    expect(parser.messages).toBe(2);
  });

  it.each([
    ['an HTTP answer', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['a banner that has not ended', 'SSH-2.0-OpenSSH'],
    ['a size that is no number', 'MSG a 1 x\r\n'],
    ['a line without its carriage return', 'MSG a 1 0\n\r\n\r\n'],
    ['a payload that does not end where it says', 'MSG a 1 2\r\nxxxx\r\n'],
    ['headers longer than the whole', 'HMSG a 1 9 3\r\nxxx\r\n'],
  ])('refuses %s', (_, text) => {
    const { sink } = recorder();
    const whole = (): void => new Parser(sink).push(Buffer.from(text));
    const bytewise = (): void => {
      const parser = new Parser(sink);
      for (const byte of Buffer.from(text)) parser.push(Buffer.from([byte]));
    };
    expect(whole).toThrow(NatsxError);
    expect(bytewise).toThrow(/does not speak the NATS protocol/);
  });

  it('gives one string object for a subject that repeats', () => {
    const seen: string[] = [];
    const parser = new Parser({
      ...recorder().sink,
      message: (view) => {
        seen.push(view.subject);
      },
    });
    parser.push(Buffer.from('MSG a.b 1 0\r\n\r\nMSG a.c 1 0\r\n\r\nMSG a.b 1 0\r\n\r\n'));
    expect(seen).toEqual(['a.b', 'a.c', 'a.b']);
  });
});
