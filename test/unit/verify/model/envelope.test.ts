import { crc32 as reference } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { crc32 } from '../../../../src/core/values/crc32.js';
import {
  ENVELOPE_BYTES,
  EnvelopeReader,
  EnvelopeWriter,
} from '../../../../src/verify/model/envelope.js';

const runId = 'run-7';

function payloadOf(number: number, fillerBytes: number): Uint8Array {
  const filler = new Uint8Array(fillerBytes).fill(7);
  return new EnvelopeWriter(runId, 12, filler).write(number, 1_795_388_235_174.25);
}

describe('crc32', () => {
  it('is that of "123456789", however it is taken apart', () => {
    const bytes = new TextEncoder().encode('123456789');
    expect(crc32(bytes, 0, 9)).toBe(0xcbf43926);
    for (let cut = 0; cut <= 9; cut++) {
      expect(crc32(bytes, cut, 9, crc32(bytes, 0, cut))).toBe(0xcbf43926);
    }
  });

  it.runIf(typeof reference === 'function')("is zlib's", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(crc32(bytes, 0, bytes.length)).toBe(reference(bytes));
      }),
    );
  });
});

describe('an envelope', () => {
  it('comes back as it was written, wherever it lies', () => {
    const number = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(number, fc.nat(300), fc.nat(9), (sent, fillerBytes, offset) => {
        const payload = payloadOf(sent, fillerBytes);
        const buffer = new Uint8Array(offset + payload.length + 3);
        buffer.set(payload, offset);
        const reader = new EnvelopeReader(runId);
        expect(reader.read(buffer, offset, offset + payload.length)).toBe('whole');
        const { kind, publisher, number: read, sentAtMs } = reader;
        expect({ kind, publisher, read, sentAtMs }).toEqual({
          kind: 'message',
          publisher: 12,
          read: sent,
          sentAtMs: 1_795_388_235_174.25,
        });
      }),
    );
  });

  it('is never taken for whole when any bits of one byte are wrong, and known unless the marks are gone', () => {
    const place = fc.nat(ENVELOPE_BYTES + 87);
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), (at, wrong) => {
        const payload = Uint8Array.from(payloadOf(41, 88));
        payload[at] = (payload[at] ?? 0) ^ wrong;
        const reader = new EnvelopeReader(runId);
        expect(reader.read(payload, 0, payload.length)).toBe('corrupted');
      }),
    );
  });

  it('is corrupted when it is cut short, also within the envelope', () => {
    const payload = payloadOf(41, 88);
    const reader = new EnvelopeReader(runId);
    for (const length of [20, ENVELOPE_BYTES - 1, ENVELOPE_BYTES, 127]) {
      expect(reader.read(payload, 0, length)).toBe('corrupted');
    }
  });

  it('is foreign when it is of another run, also of one with a similar name, or none at all', () => {
    const payload = payloadOf(41, 88);
    expect(new EnvelopeReader('4f2a91cc').read(payload, 0, payload.length)).toBe('foreign');
    expect(new EnvelopeReader('run-8').read(payload, 0, payload.length)).toBe('foreign');
    const text = new TextEncoder().encode('{"id":7,"total":120.5,"customer":"joe","when":"now"}');
    expect(new EnvelopeReader(runId).read(text, 0, text.length)).toBe('foreign');
    expect(new EnvelopeReader(runId).read(text, 0, 0)).toBe('foreign');
  });
});
