import { expect, it } from 'vitest';
import { compileMessageFormat } from '../../../../src/core/message/message-format.js';
import { complaint } from '../../../support/complaint.js';

const message = {
  subject: 'orders.eu',
  reply: '_INBOX.1',
  headers: new Map([
    ['A', ['1', '2']],
    ['B', ['\u001b[2J']],
  ]),
  payload: Buffer.from('{"order":{"id":"x-1","n":2}}'),
  receivedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
};
const facts = { count: 3, queue: 'q', seq: 9 };

it.each([
  ['{subject} {payload}\\n', 'orders.eu {"order":{"id":"x-1","n":2}}\n'],
  ['{count}:{seq}:{queue}:{stream}:{size}:{reply}', '3:9:q::28:_INBOX.1'],
  ['{time:iso} {time:unix} {time:ms}', '2026-01-02T03:04:05.006Z 1767323045 1767323045006'],
  ['{header:A}|{header:a}|{header:X}', '1, 2||'],
  ['{headers}', 'A: 1; A: 2; B: \u001b[2J'],
  ['{headers:json}', '{"A":["1","2"],"B":["\\u001b[2J"]}'],
  ['{json:.order.id} {json:.order.n} {json:.order} {json:.x}', 'x-1 2 {"id":"x-1","n":2} '],
  ['{payload:json}', '{"order":{"id":"x-1","n":2}}'],
  ['{{x}}\\t\\0\\\\\\e', '{x}\t\0\\\u001b'],
  ['', ''],
])('%s', (format, expected) => {
  expect(compileMessageFormat(format, { printable: false })(message, facts)).toBe(expected);
});

it('shows the local time of day', () => {
  expect(compileMessageFormat('{time}', { printable: false })(message, facts)).toMatch(
    /^\d\d:\d\d:05\.006$/,
  );
});

it('gives a binary payload byte for byte, and safe on a terminal', () => {
  const binary = { ...message, payload: Uint8Array.of(0xff, 0x1b, 0x41) };
  const exact = compileMessageFormat('<{payload}>', { printable: false })(binary, facts);
  expect([...Buffer.from(exact)]).toEqual([0x3c, 0xff, 0x1b, 0x41, 0x3e]);
  const render = (format: string) =>
    compileMessageFormat(format, { printable: true })(binary, facts);
  expect(render('<{payload}> {header:B}\\n')).toBe('<\\xff\\x1bA> \\x1b[2J\n');
  expect(render('{payload:hex} {payload:base64} {payload:json}')).toBe('ff1b41 /xtB "/xtB"');
});

it('says what is wrong', () => {
  const bad = [
    '{subjct}',
    '{}',
    '{header:}',
    '{nope',
    'a } b',
    '\\q',
    'end\\',
    '{json:a}',
    '{constructor}',
  ];
  const compile = (format: string) => () => compileMessageFormat(format, { printable: false });
  expect(bad.map((format) => complaint(compile(format)).replace(/fields: .*/, 'fields: …')))
    .toMatchInlineSnapshot(`
      [
        "usage: the format has an unknown field "{subjct}" | did you mean {subject}? fields: …",
        "usage: the format has an unknown field "{}" | fields: …",
        "usage: the format has an unknown field "{header:}" | did you mean {header:Name}? fields: …",
        "usage: invalid format: a single "{" at position 1 | write {{ for { itself",
        "usage: invalid format: a single "}" at position 3 | write }} for } itself",
        "usage: the format has an unknown escape "\\q" | known: \\n \\t \\r \\0 \\e \\\\",
        "usage: invalid format: a single "\\" at position 4 | write \\\\ for \\ itself",
        "usage: invalid JSON path "a": no step at position 1 | write it as .order.items[0].id or .["odd key"]",
        "usage: the format has an unknown field "{constructor}" | fields: …",
      ]
    `);
});
