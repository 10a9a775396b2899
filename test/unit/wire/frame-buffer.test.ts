import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePublish, FrameBuffer, repeatFrame } from '../../../src/wire/frame-buffer.js';
import { ReplyInbox } from '../../../src/wire/reply-inbox.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytes = (value: string): Uint8Array => Buffer.from(value);

describe('encodePublish', () => {
  it.each([
    [{ subject: 'a.b', payload: bytes('hello') }, 'PUB a.b 5\r\nhello\r\n'],
    [{ subject: 'a', payload: bytes('') }, 'PUB a 0\r\n\r\n'],
    [{ subject: 'a', reply: 'r.1', payload: bytes('x') }, 'PUB a r.1 1\r\nx\r\n'],
    [
      { subject: 'a', headersBlock: bytes('NATS/1.0\r\nA: b\r\n\r\n'), payload: bytes('xy') },
      'HPUB a 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nxy\r\n',
    ],
    [
      { subject: 'a', reply: 'r', headersBlock: bytes('NATS/1.0\r\n\r\n'), payload: bytes('') },
      'HPUB a r 12 12\r\nNATS/1.0\r\n\r\n\r\n',
    ],
  ])('encodes %o', (frame, expected) => {
    expect(text(encodePublish(frame))).toBe(expected);
  });
});

describe('FrameBuffer', () => {
  it('grows, and gives the frames in order', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            subject: fc.constantFrom('a', 'b.c', 'ü.ö'),
            payload: fc.uint8Array({ maxLength: 200 }),
          }),
        ),
        (frames) => {
          const buffer = new FrameBuffer(8);
          for (const frame of frames) buffer.publish(frame);
          expect(text(buffer.bytes())).toBe(
            frames.map((frame) => text(encodePublish(frame))).join(''),
          );
        },
      ),
    );
  });

  it('takes a reply subject as text or encoded', () => {
    const owner = { subscribe: () => ({ unsubscribe: () => undefined }) };
    const inbox = new ReplyInbox(owner, '_INBOX.ü', () => undefined);
    for (const number of [0, 42, 99_999_999, 100_000_007]) {
      const request = { subject: 'a', payload: bytes('x') };
      const encoded = encodePublish({ ...request, reply: inbox.subjectBytes(number) });
      expect(text(encoded)).toBe(text(encodePublish({ ...request, reply: inbox.subject(number) })));
    }
  });

  it('puts a number into a prepared request at its place', () => {
    const owner = { subscribe: () => ({ unsubscribe: () => undefined }) };
    const inbox = new ReplyInbox(owner, '_INBOX', () => undefined);
    const prepared = inbox.prepare({ subject: 'a.b', payload: bytes('body') });
    const buffer = new FrameBuffer(8);
    buffer.appendNumbered(prepared, 42);
    buffer.appendNumbered(prepared, 12_345_678);
    expect(text(buffer.bytes())).toBe(
      [42, 12_345_678]
        .map((number) =>
          text(
            encodePublish({
              subject: 'a.b',
              reply: inbox.subject(number),
              payload: bytes('body'),
            }),
          ),
        )
        .join(''),
    );
  });

  it('is empty again after clear', () => {
    const buffer = new FrameBuffer(8);
    buffer.line('PING');
    buffer.clear();
    buffer.line('PONG');
    expect(text(buffer.bytes())).toBe('PONG\r\n');
  });
});

describe('repeatFrame', () => {
  it('fills the buffer with whole frames', () => {
    const chunk = repeatFrame(bytes('PUB a 0\r\n\r\n'), 35);
    expect(chunk.frames).toBe(3);
    expect(text(chunk.bytes)).toBe('PUB a 0\r\n\r\n'.repeat(3));
  });

  it('holds one frame that is larger than the buffer', () => {
    expect(repeatFrame(bytes('PUB a 0\r\n\r\n'), 5).frames).toBe(1);
  });
});
