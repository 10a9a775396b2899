import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NatsxError } from '../../../../src/core/errors.js';
import {
  decodeHeadersBlock,
  encodeHeadersBlock,
} from '../../../../src/core/message/headers-block.js';
import { decodeMessageLine } from '../../../../src/core/message/message-line.js';
import { encodeMessageLine, isCanonicalJson } from '../../../../src/core/message/payload-json.js';
import { encodeUnacknowledged } from '../../../../src/streams/model/unacknowledged-line.js';
import { isDeliverable } from '../../../../src/core/subject/subject.js';
import { subjectBytes, subjectText } from '../../../../src/core/subject/subject-bytes.js';
import { headersBlock } from './arbitrary-headers.js';
import { complaint } from '../../../support/complaint.js';

const receivedAtMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

const message = { subject: 'a.b', payload: Buffer.from('x') };

function lineOf(payload: Uint8Array | string): string {
  return encodeMessageLine({ subject: 'a.b', payload: Buffer.from(payload), receivedAtMs });
}

function payloadKeyOf(payload: Uint8Array | string): string {
  return /"payload.*(?=,"size_bytes")/.exec(lineOf(payload))?.[0] ?? '';
}

describe('encodeMessageLine', () => {
  it('has its keys in order and leaves out what is not there', () => {
    const headers = new Map([
      ['X', ['1', 'zwei "ü"']],
      ['__proto__', ['p']],
    ]);
    const message = { subject: 'a', reply: 'r', headers, payload: Buffer.from('hi'), receivedAtMs };
    expect(encodeMessageLine(message, { stream: 'S', seq: 7, gone: undefined })).toBe(
      '{"subject":"a","reply":"r","headers":{"X":["1","zwei \\"ü\\""],"__proto__":["p"]},"payload":"hi",' +
        '"size_bytes":2,"received_at":"2026-01-02T03:04:05.678Z","stream":"S","seq":7}',
    );
    expect(lineOf('')).toBe(
      '{"subject":"a.b","payload":"","size_bytes":0,"received_at":"2026-01-02T03:04:05.678Z"}',
    );
  });

  it.each([
    [
      'NATS/1.0\r\nName: caf\xe9\r\n\r\n',
      '"headers":{"Name":["caf\ufffd"]},"headers_base64":"TkFUUy8xLjANCk5hbWU6IGNhZukNCg0K"',
    ],
    [
      'NATS/1.0 503 No Responders\r\n\r\n',
      '"status":503,"description":"No Responders","headers_base64":"TkFUUy8xLjAgNTAzIE5vIFJlc3BvbmRlcnMNCg0K"',
    ],
    ['NATS/1.0 404\r\n\r\n', '"status":404,"headers_base64":"TkFUUy8xLjAgNDA0DQoNCg=="'],
    ['NATS/1.0\r\nA: 1\r\n\r\n', '"headers":{"A":["1"]}'],
  ])('the headers %j give %s', (block, expected) => {
    const headers = decodeHeadersBlock(Buffer.from(block, 'latin1'));
    const line = encodeMessageLine({ ...message, headers, receivedAtMs });
    expect(line).toContain(`{"subject":"a.b",${expected},"payload":`);
  });

  it.each([
    [[97, 46, 0xe9], '"subject":"a.\ufffd","subject_base64":"YS7p"'],
    [Buffer.from('a.*'), '"subject":"a.*","subject_base64":"YS4q"'],
    [[97, 0], '"subject":"a\\u0000","subject_base64":"YQA="'],
    [Buffer.from('$A.\u{1f480}'), '"subject":"$A.\u{1f480}"'],
  ])('the subject %j gives %s', (bytes, expected) => {
    const subject = subjectText(Uint8Array.from(bytes));
    const line = encodeMessageLine({ ...message, subject, receivedAtMs });
    expect(line).toContain(`{${expected},"payload":`);
    expect([...subjectBytes(decodeMessageLine(line).subject)]).toEqual([...bytes]);
  });

  it.each([
    ['{"a":1}', '"payload":{"a":1}'],
    ['{"__proto__":{"x":1}}', '"payload":{"__proto__":{"x":1}}'],
    ['[1,2]', '"payload":[1,2]'],
    ['true', '"payload":true'],
    ['null', '"payload":null'],
    ['-1.5', '"payload":-1.5'],
    ['1e+21', '"payload":1e+21'],
    ['{"a":"\\ud800"}', '"payload":{"a":"\\ud800"}'],
    ['{"a":"\u009b"}', '"payload":{"a":"\\u009b"}'],
    ['-0', '"payload":"-0"'],
    ['1e5', '"payload":"1e5"'],
    ['1.0', '"payload":"1.0"'],
    ['12345678901234567890', '"payload":"12345678901234567890"'],
    ['{"b":1,"b":2}', '"payload":"{\\"b\\":1,\\"b\\":2}"'],
    ['{"2":1,"1":1}', '"payload":"{\\"2\\":1,\\"1\\":1}"'],
    ['{ "a": 1 }', '"payload":"{ \\"a\\": 1 }"'],
    ['{"a":1}\n', '"payload":"{\\"a\\":1}\\n"'],
    ['"text"', '"payload":"\\"text\\""'],
    ['trueish', '"payload":"trueish"'],
    ['\ufeff{}', '"payload":"\ufeff{}"'],
    ['\u0000\u001b[2J', '"payload":"\\u0000\\u001b[2J"'],
    ['\u202ex\u2028', '"payload":"\\u202ex\\u2028"'],
    [Uint8Array.of(0xff, 0), '"payload_base64":"/wA="'],
    [Uint8Array.of(0xed, 0xa0, 0x80), '"payload_base64":"7aCA"'],
    ['\ufffd', '"payload":"\ufffd"'],
  ])('%j gives %s', (payload, expected) => {
    expect(payloadKeyOf(payload)).toBe(expected);
    expect(decodeMessageLine(lineOf(payload)).payload).toEqual(Buffer.from(payload));
  });
});

describe('what was encoded decodes to the same', () => {
  const jsonish = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[-+.eE0-9]{1,24}$/),
    fc.stringMatching(/^[{}[\]":,a0-9 \\u]{1,12}$/),
  );
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    jsonish.map((text) => new Uint8Array(Buffer.from(text, 'utf8'))),
  );
  const headerValue = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text));
  const headers = fc
    .array(fc.tuple(fc.stringMatching(/^[!-9;-~]{1,8}$/), fc.array(headerValue, { minLength: 1 })))
    .map((entries) => new Map(entries));

  it('JSON is told by what parsing and serialising gives', () => {
    const naive = (text: string): boolean => {
      try {
        const value: unknown = JSON.parse(text);
        return typeof value !== 'string' && JSON.stringify(value) === text;
      } catch {
        return false;
      }
    };
    const text = fc.oneof(
      jsonish,
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc.double().map(String),
    );
    fc.assert(
      fc.property(text, (one) => {
        expect(isCanonicalJson(one)).toBe(naive(one));
      }),
      { numRuns: 5_000 },
    );
    const extremes = [1e21, 1e-7, -1.234567890123456e-6, Number.MAX_VALUE, -Number.MIN_VALUE];
    for (const number of extremes) expect(isCanonicalJson(String(number))).toBe(true);
  });

  it('a large payload of control characters, in a line that is not six times as long', () => {
    const bytes = Buffer.alloc(1024 * 1024 + 1);
    const line = lineOf(bytes);
    expect(line.length).toBeLessThan(1.4 * bytes.length);
    expect(Buffer.compare(decodeMessageLine(line).payload, bytes)).toBe(0);
    expect(lineOf(bytes.fill('"'))).toContain('"payload":"');
  });

  it.each([500, 501, 100_000])('JSON that is nested %i times', (depth) => {
    const text = `${'[{"[\\"":'.repeat(depth / 2)}${'['.repeat(depth % 2)}1${']'.repeat(depth % 2)}${'}]'.repeat(depth / 2)}`;
    const line = lineOf(text);
    expect(line.includes('"payload":[')).toBe(depth <= 500);
    expect(Buffer.from(decodeMessageLine(line).payload).toString()).toBe(text);
  });

  it('payload bytes', () => {
    fc.assert(
      fc.property(payload, (bytes) => {
        const line = lineOf(bytes);
        expect(line).not.toContain('\n');
        expect(Buffer.compare(decodeMessageLine(line).payload, bytes)).toBe(0);
      }),
      { numRuns: 3000 },
    );
  });

  it('any subject that a server delivers, byte for byte', () => {
    const subject = fc
      .oneof(
        fc.uint8Array({ minLength: 1, maxLength: 12 }),
        fc.stringMatching(/^[a*>.$\u0000-\u0003]{1,6}$/).map((text) => Buffer.from(text)),
      )
      .map((bytes) => subjectText(bytes))
      .filter(isDeliverable);
    fc.assert(
      fc.property(subject, subject, (one, other) => {
        const received = { ...message, subject: one, reply: other, receivedAtMs };
        const line = encodeMessageLine(received);
        expect(Buffer.from(line).toString()).toBe(line);
        const read = decodeMessageLine(line);
        expect([read.subject, read.reply]).toEqual([one, other]);
        expect(subjectText(subjectBytes(one))).toBe(one);
      }),
      { numRuns: 3_000 },
    );
  });

  it('any block of headers, byte for byte', () => {
    fc.assert(
      fc.property(
        headersBlock.filter((block) => block.length > 0),
        (block) => {
          const received = { ...message, headers: decodeHeadersBlock(block), receivedAtMs };
          const { headers } = decodeMessageLine(encodeMessageLine(received));
          expect(Buffer.from(encodeHeadersBlock(headers ?? new Map())).toString('latin1')).toBe(
            Buffer.from(block).toString('latin1'),
          );
          const unacknowledged = encodeUnacknowledged(received, {
            type: 'unsent',
            error: new NatsxError('timeout', 'late'),
          });
          expect(decodeMessageLine(unacknowledged).headers).toEqual(headers);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('headers and reply', () => {
    fc.assert(
      fc.property(headers, (given) => {
        const line = encodeMessageLine({
          subject: 's',
          reply: 'r.1',
          headers: given,
          payload: new Uint8Array(),
          receivedAtMs,
        });
        const decoded = decodeMessageLine(line);
        expect(decoded.reply).toBe('r.1');
        expect(new Map(decoded.headers ?? [])).toEqual(given);
      }),
    );
  });
});

describe('decodeMessageLine', () => {
  it('lets an argument override the subject and ignores unknown keys', () => {
    const line = '{"subject":"a","payload":"x","seq":12345678901234567890,"stream":"S"}';
    expect(decodeMessageLine(line, 'b')).toEqual({ subject: 'b', payload: Buffer.from('x') });
    expect(decodeMessageLine('{"payload":{"a": 1}}', 'b').payload).toEqual(Buffer.from('{"a":1}'));
    expect(decodeMessageLine('{"payload":"","headers":{"A":"1"}}', 'b').headers).toEqual(
      new Map([['A', ['1']]]),
    );
  });

  it('takes numbers in any spelling that means the same', () => {
    const spelled = '{"payload":[1.0,1e3,-1.50e-7,100000000000000000000000,0.000,-0,1E+2]}';
    expect(Buffer.from(decodeMessageLine(spelled, 'a').payload).toString()).toBe(
      '[1,1000,-1.5e-7,1e+23,0,0,100]',
    );
  });

  it('says what is wrong', () => {
    const bad = [
      '',
      'hello\u001b',
      '[1]',
      '{"payload":"x"}',
      '{"subject":1,"payload":""}',
      '{"subject":"a..b","payload":""}',
      '{"subject":"a.*","payload":""}',
      '{"subject":"b","subject_base64":"YQ==","payload":""}',
      '{"subject_base64":"YSBi","payload":""}',
      '{"subject_base64":"YS4uYg==","payload":""}',
      '{"subject":"a","reply":"b c","payload":""}',
      '{"subject":"a"}',
      '{"subject":"a","payload":"","payload_base64":""}',
      '{"subject":"a","payload_base64":"/w"}',
      '{"subject":"a","payload_base64":1}',
      '{"subject":"a","payload":"\\ud800"}',
      '{"subject":"a","payload":{"id":12345678901234567890}}',
      '{"subject":"a","payload":1e400}',
      '{"subject":"a","payload":[0.12345678901234567890]}',
      `{"subject":"a","payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      '{"subject":"a","payload":"","headers":[]}',
      '{"subject":"a","payload":"","headers":{"A":[1]}}',
      '{"subject":"a","payload":"","headers":{"A":"1\\n2"}}',
      '{"subject":"a","payload":"","headers":{"":"1"}}',
      '{"subject":"a","payload":"","headers":{"A:B":"1"}}',
      '{"subject":"a","payload":"","headers":{"A":"\\ud800"}}',
      '{"subject":"a","payload":"","headers_base64":""}',
      '{"subject":"a","payload":"","headers_base64":"TkF"}',
      '{"subject":"a","payload":"","headers_base64":"TkFUUy8xLjANCkE6MQ0KDQo=","headers":{"A":["2"]}}',
      '{"subject":"a","payload":"","headers_base64":"TkFUUy8xLjANCkE6MQ0KDQo=","headers":{"A":["1"]},"status":404}',
    ];
    expect(bad.map((line) => complaint(() => decodeMessageLine(line)))).toMatchInlineSnapshot(`
      [
        "usage: the line is not JSON: "" | each line is an object such as {"subject":"orders.new","payload":"text"}",
        "usage: the line is not JSON: "hello\\x1b" | each line is an object such as {"subject":"orders.new","payload":"text"}",
        "usage: the line is JSON, but not an object: "[1]" | each line is an object such as {"subject":"orders.new","payload":"text"}",
        "usage: the line has no "subject" | add it to the line, or give a subject for all lines as the argument",
        "usage: "subject" is not a string | each line is an object such as {"subject":"orders.new","payload":"text"}",
        "usage: invalid subject "a..b": token 2 is empty (two dots in a row) | did you mean a.b?",
        "usage: invalid subject "a.*": token 2 is a wildcard, and only subscriptions may have one | name the one subject that the message is for",
        "usage: "subject_base64" is "a" and "subject" is "b" | keep only one of them",
        "usage: "subject_base64" is "a b", which no server delivers | subjects have no white space and no empty tokens",
        "usage: "subject_base64" is "a..b", which no server delivers | subjects have no white space and no empty tokens",
        "usage: invalid subject "b c": a space at position 2 | subjects have no white space and no control characters",
        "usage: the line has no "payload" | write "payload":"" for an empty message",
        "usage: the line has both "payload" and "payload_base64" | keep only one of them",
        "usage: "payload_base64" is not standard base64 with padding | encode it as \`base64 -w0\` does",
        "usage: "payload_base64" is not standard base64 with padding | encode it as \`base64 -w0\` does",
        "usage: "payload" has half of a surrogate pair, which no UTF-8 can carry | use "payload_base64" for bytes that are not text",
        "usage: the number 12345678901234567890 in "payload" would be sent as 12345678901234567000 | write the payload as a string to send it as it is",
        "usage: the number 1e400 in "payload" would be sent as null | write the payload as a string to send it as it is",
        "usage: the number 0.12345678901234567890 in "payload" would be sent as 0.12345678901234568 | write the payload as a string to send it as it is",
        "usage: "payload" is nested too deeply | write it as a string to send it as it is",
        "usage: "headers" is not an object | write headers as {"Name":["value"]}",
        "usage: the header "A" is not a list of strings | write headers as {"Name":["value"]}",
        "usage: the value of the header A has a line break | header values are one line; put longer text into the body",
        "usage: a header has an empty name | write it as "Name": ["value"]",
        "usage: invalid header name "A:B": it has a colon or a line break",
        "usage: the header "A" has half of a surrogate pair, which no UTF-8 can carry | use "headers_base64" for bytes that are not text",
        "usage: "headers_base64" is empty | leave it out",
        "usage: "headers_base64" is not standard base64 with padding | encode it as \`base64 -w0\` does",
        "usage: "headers_base64" has other headers than "headers" | keep only one of them: headers_base64 is the whole block",
        "usage: "headers_base64" has other headers than "status" | keep only one of them: headers_base64 is the whole block",
      ]
    `);
  });
});

it.each(['{', '  [', '{ '])('the line %j is taken for that of jq without -c', (line) => {
  expect(complaint(() => decodeMessageLine(line))).toContain('as jq -c does');
});
