import fc from 'fast-check';

const name = fc.oneof(
  fc.constantFrom('A', 'Trace Id', 'Nats-Msg-Id', '7', '', ' A', '__proto__'),
  fc.string({ unit: 'binary-ascii', maxLength: 6 }),
);
const value = fc.oneof(
  fc.constantFrom('', '1', ' 1', '1 ', 'caf\xe9', '\xc3\xa9', '\xed\xa0\x80', '\xef\xbf\xbd'),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const lineEnd = fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r', '');
const separator = fc.constantFrom(': ', ': ', ': ', ':', ' : ', '');
const version = fc.constantFrom(
  'NATS/1.0',
  'NATS/1.0',
  'NATS/1.0 503',
  'NATS/1.0 404 No Messages',
  '',
);

/** Blocks of headers as clients write them, as none should, and bytes that only stand where headers do. */
export const headersBlock: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .tuple(
      version,
      lineEnd,
      fc.array(fc.tuple(name, separator, value, lineEnd), { maxLength: 4 }),
      lineEnd,
    )
    .map(([first, firstEnd, lines, end]) =>
      Buffer.from(
        `${first}${firstEnd}${lines.map((line) => line.join('')).join('')}${end}`,
        'latin1',
      ),
    ),
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
);
