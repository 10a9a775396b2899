import fc from 'fast-check';
import { expect, it } from 'vitest';
import { prettyJson } from '../../../../src/terminal/text/json-pretty.js';
import {
  createMessageText,
  printableBody,
  type MessageTextOptions,
} from '../../../../src/messaging/view/message-text.js';
import { createStyle } from '../../../../src/terminal/text/style.js';

const style = createStyle(false);
const message = {
  subject: 'orders.new',
  reply: '_INBOX.x',
  headers: new Map([
    ['Region', ['eu', 'us']],
    ['Evil', ['\u001b[2J']],
  ]),
  payload: Buffer.from('{"id":12345678901234567890,"list":[1,{}],"none":[]}'),
  receivedAtMs: 0,
};
const facts = { count: 1, sinceStartMs: 61_000, sincePreviousMs: 12.5 };

it('cuts long binary bodies only where columns are given, and never text', () => {
  const binary = Buffer.alloc(2_000);
  const cut = printableBody(binary, 80);
  expect(cut).toBe(`${'\\x00'.repeat(80)}\n… 1,920 bytes more`);
  expect(printableBody(binary, undefined)).toBe('\\x00'.repeat(2_000));
  expect(printableBody(Buffer.alloc(80), 80)).toBe('\\x00'.repeat(80));
  const text = 'ä\n'.repeat(2_000);
  expect(printableBody(Buffer.from(text), 80)).toBe(text);
});

function render(
  options: Partial<MessageTextOptions>,
  payload: Uint8Array = message.payload,
): string {
  const all = { style, pretty: false, timestamps: 'none', show: 'all', ...options } as const;
  return `\n${createMessageText(all)({ ...message, payload }, facts)}`;
}

it('shows a message', () => {
  expect(render({})).toMatchInlineSnapshot(`
    "
    [#1] orders.new reply to _INBOX.x
    Region: eu
    Region: us
    Evil: \\x1b[2J

    {"id":12345678901234567890,"list":[1,{}],"none":[]}

    "
  `);
  expect(render({ pretty: true, timestamps: 'delta' })).toMatchInlineSnapshot(`
    "
    [#1] +12.5ms orders.new reply to _INBOX.x
    Region: eu
    Region: us
    Evil: \\x1b[2J

    {
      "id": 12345678901234567890,
      "list": [
        1,
        {}
      ],
      "none": []
    }

    "
  `);
  expect(render({ show: 'headers', timestamps: 'relative' })).toMatchInlineSnapshot(`
    "
    [#1] @1m1s orders.new reply to _INBOX.x
    Region: eu
    Region: us
    Evil: \\x1b[2J
    "
  `);
  expect(render({ show: 'subject' })).toBe('\n[#1] orders.new reply to _INBOX.x\n');
  expect(render({ show: 'subject', timestamps: 'absolute' })).toMatch(
    /\[#1\] \d\d:\d\d:\d\d\.\d{3} orders/,
  );
});

it('shows a bare message and a note', () => {
  const text = createMessageText({ style, pretty: true, timestamps: 'none', show: 'all' });
  const bare = { subject: 'a', payload: new Uint8Array(), receivedAtMs: 0 };
  expect(text(bare, { ...facts, note: 'worker 2' })).toBe('[#1] a worker 2\n\n');
  expect(text({ ...bare, payload: Buffer.from('x\n') }, facts)).toBe('[#1] a\nx\n\n');
});

it('lets nothing through that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.boolean(), (payload, pretty) => {
      expect(render({ pretty }, payload)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }),
  );
});

it('indents JSON without changing what it says', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())),
      (value) => {
        const text = JSON.stringify(value);
        const shown = prettyJson(text, style)!;
        // Control characters are shown as visible escapes, which are no JSON: leave those cases aside.
        if (!/[\u007f-\u009f\u200b-\u200f\u2028-\u2069\ufeff\u061c]/.test(text)) {
          expect(JSON.stringify(JSON.parse(shown))).toBe(JSON.stringify(JSON.parse(text)));
        }
      },
    ),
  );
});

it.each(['', 'text', '1', '"a"', '{', '{"a":}', 'null'])('leaves %j alone', (text) => {
  expect(prettyJson(text, style)).toBeUndefined();
});

it('paints keys, strings and numbers', () => {
  expect(prettyJson('{"k":"v","n":1}', createStyle(true))).toBe(
    '{\n  \u001b[34m"k"\u001b[39m: \u001b[32m"v"\u001b[39m,\n  \u001b[34m"n"\u001b[39m: \u001b[33m1\u001b[39m\n}',
  );
});
