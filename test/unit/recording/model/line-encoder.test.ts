import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { KeptMessage } from '../../../../src/core/message/message-in-place.js';
import { RecordedLineEncoder } from '../../../../src/recording/model/line-encoder.js';
import {
  decodeRecordedLine,
  recordedTimeMs,
  sequenceIn,
} from '../../../../src/recording/model/recorded-line.js';

const stream = 'ORDERS';
const place = { stream, seq: 7, timeMs: 1_795_386_604_005, restNs: 7 };

function lineOf(payload: Uint8Array, headers?: ReadonlyMap<string, readonly string[]>): string {
  const encoder = new RecordedLineEncoder(stream, 64);
  const message = { subject: 'orders.new', payload, headers, receivedAtMs: 0 };
  encoder.add(new KeptMessage(message), place);
  return encoder.take().toString();
}

describe('a line of a recording', () => {
  it('says where a message stood, then what it is', () => {
    expect(lineOf(Buffer.from('hello'))).toBe(
      '{"stream":"ORDERS","seq":7,"time":"2026-11-22T22:30:04.005000007Z",' +
        '"subject":"orders.new","payload":"hello"}\n',
    );
  });

  it.each([
    ['{"id":7}', '"payload":{"id":7}'],
    ['12', '"payload":12'],
    ['true', '"payload":true'],
    ['truth', '"payload":"truth"'],
    ['', '"payload":""'],
    ['say "x" \\', String.raw`"payload":"say \"x\" \\"`],
    ['a\nb', String.raw`"payload":"a\nb"`],
    ['\u0000\u0001', '"payload_base64":"AAE="'],
  ])('has the payload %j as %s', (text, member) => {
    expect(lineOf(Buffer.from(text))).toContain(`,${member}}\n`);
  });

  it('comes back as it was, whatever it is', () => {
    const anyPayload = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text)),
    );
    const anyHeaders = fc.dictionary(
      fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,8}$/),
      fc.array(fc.stringMatching(/^[^\r\n]{0,12}$/), { minLength: 1, maxLength: 3 }),
      { maxKeys: 3, noNullPrototype: true },
    );
    fc.assert(
      fc.property(anyPayload, anyHeaders, (payload, fields) => {
        const headers = new Map(Object.entries(fields));
        const line = lineOf(payload, headers).trimEnd();
        const read = decodeRecordedLine(line);
        expect(Buffer.from(read!.message.payload)).toEqual(Buffer.from(payload));
        expect([...(read!.message.headers ?? [])]).toEqual([...headers]);
        expect([sequenceIn(line), recordedTimeMs(read!)]).toEqual([7, place.timeMs]);
      }),
      { numRuns: 60 },
    );
  });

  it('follows the one before in the same memory, and takes room when it needs it', () => {
    const encoder = new RecordedLineEncoder(stream, 16);
    const seqs = Array.from({ length: 200 }, (_, index) => index + 1);
    for (const seq of seqs) {
      const payload = Buffer.from('x'.repeat(seq));
      const message = { subject: `s.${seq}`, payload, receivedAtMs: 0 };
      encoder.add(new KeptMessage(message), { ...place, seq });
    }
    const lines = encoder.take().toString().trimEnd().split('\n');
    expect(lines.map(sequenceIn)).toEqual(seqs);
    expect(encoder.length).toBe(0);
  });
});
