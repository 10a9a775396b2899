import fc from 'fast-check';
import { expect, it } from 'vitest';

import { AckReader } from '../../../../../src/streams/run/publish/ack-reader.js';
import { parsePublishAnswer } from '../../../../../src/streams/model/publish-ack.js';

const answer = fc.oneof(
  fc
    .tuple(fc.constantFrom('S', 'S1', 'ÜBER'), fc.nat(), fc.boolean(), fc.boolean())
    .map(([stream, seq, domain, duplicate]) => {
      const place = domain ? `"stream":"${stream}","domain":"hub"` : `"stream":"${stream}"`;
      return `{${place}, "seq":${seq}${duplicate ? ',"duplicate": true' : ''}}`;
    }),
  fc.constantFrom(
    '{"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"},"stream":"S","seq":0}',
    '{"stream":"S", "seq":}',
    '{"stream":"S", "seq":1x}',
    '{"stream":"S", "seq":12345678901234567}',
    'hi',
    '',
  ),
);

it('reads one answer after the other as if each were parsed', () => {
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 30 }), fc.nat({ max: 5 }), (answers, offset) => {
      const reader = new AckReader();
      for (const text of answers) {
        const bytes = Buffer.from(`${'#'.repeat(offset)}${text}##`);
        const read = reader.read(bytes, offset, bytes.length - 2);
        expect(read).toEqual(parsePublishAnswer(text));
      }
    }),
  );
});
