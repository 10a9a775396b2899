import { describe, expect, it } from 'vitest';

import { streamAnswerNote, streamAnswerOf } from '../../../../src/core/message/stream-answer.js';

const reply = (text: string, headers?: ReadonlyMap<string, readonly string[]>) => ({
  subject: '_INBOX.1',
  reply: undefined,
  headers,
  payload: Buffer.from(text),
  receivedAtMs: 0,
});

describe('the answer of a stream', () => {
  it.each([
    ['{"stream":"Q","seq":1}', { stream: 'Q', refusal: undefined }],
    ['{"stream":"Q", "seq":1}', { stream: 'Q', refusal: undefined }],
    [
      '{"stream":"Q","domain":"hub","seq":18446744073709551615,"duplicate":true}',
      { stream: 'Q', refusal: undefined },
    ],
    [
      '{"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"},"stream":"Q","seq":0}',
      { stream: 'Q', refusal: 'maximum messages exceeded' },
    ],
  ])('%s', (text, answer) => {
    expect(streamAnswerOf(reply(text))).toEqual(answer);
  });

  it.each([
    '',
    'OK',
    '{',
    '[1]',
    'null',
    '{"stream":"Q"}',
    '{"seq":1}',
    '{"stream":7,"seq":1}',
    '{"stream":"camera-1","seq":4,"url":"rtsp://camera-1"}',
    `{"stream":"Q","seq":1${' '.repeat(5000)}}`,
  ])('is not %j', (text) => {
    expect(streamAnswerOf(reply(text))).toBeUndefined();
  });

  it('has no headers', () => {
    expect(
      streamAnswerOf(reply('{"stream":"Q","seq":1}', new Map([['A', ['1']]]))),
    ).toBeUndefined();
  });

  it('is named with its stream', () => {
    expect(streamAnswerNote({ stream: 'Q', refusal: undefined }, 'q.a')).toContain(
      'the acknowledgement of the stream "Q"',
    );
    expect(streamAnswerNote({ stream: 'Q', refusal: 'full' }, 'q.a')).toContain(
      'did not store the request (full)',
    );
  });
});
