import fc from 'fast-check';
import { expect, it } from 'vitest';

import { FrameMaker } from '../../../../src/messaging/run/message-frame.js';
import { encodeHeadersBlock } from '../../../../src/core/message/headers-block.js';
import { IdentifiedHeaders } from '../../../../src/core/message/identified-headers.js';

const id = fc
  .string({ minLength: 1, maxLength: 40, unit: 'binary' })
  .filter((text) => !/[\r\n]/.test(text));
const common = [
  undefined,
  new Map([['Tag', ['x', 'y']]]),
  new Map([
    ['A', ['ä']],
    ['B', ['1']],
  ]),
];

it('writes message ids into the headers as if each block were encoded', () => {
  const messages = fc.array(fc.tuple(fc.nat(2), id), { maxLength: 30 });
  fc.assert(
    fc.property(messages, (drawn) => {
      const maker = new FrameMaker();
      for (const [which, text] of drawn) {
        const headers = new IdentifiedHeaders(common[which], text);
        const { headersBlock } = maker.frame(
          { subject: 's', payload: Buffer.alloc(0), headers },
          undefined,
        );
        const whole = new Map([...(common[which] ?? []), ['Nats-Msg-Id', [text]]]);
        expect(Buffer.from(headersBlock ?? [])).toEqual(Buffer.from(encodeHeadersBlock(whole)));
        expect(new Map(headers)).toEqual(whole);
        expect(headers.size).toBe(whole.size);
        expect([...headers.keys()].map((name) => headers.get(name))).toEqual([...headers.values()]);
      }
    }),
  );
});
