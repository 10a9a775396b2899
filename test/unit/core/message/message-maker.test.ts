import { describe, expect, it } from 'vitest';

import { constantMaker, templateMaker } from '../../../../src/core/message/message-maker.js';
import type { TemplateOptions } from '../../../../src/core/message/template.js';

const options: TemplateOptions = {
  environment: { epochNs: () => 0n, random: () => 0.5, newId: () => 'ID' },
};
const parts = {
  subject: 's',
  reply: undefined,
  headers: undefined,
  body: Buffer.from('{{Count}}'),
};

describe('making messages', () => {
  it('without templates each is the same object', () => {
    const make = constantMaker(parts);
    expect(make({ count: 1 })).toBe(make({ count: 2 }));
    expect(make({ count: 1 })).toEqual({ subject: 's', payload: parts.body });
  });

  it('with templates in every part', () => {
    const make = templateMaker(
      {
        ...parts,
        subject: 's.{{Count}}',
        reply: 'r.{{ID}}',
        headers: new Map([['N', ['{{Cnt}}', 'x']]]),
      },
      options,
    );
    expect(make({ count: 7 })).toEqual({
      subject: 's.7',
      reply: 'r.ID',
      headers: new Map([['N', ['7', 'x']]]),
      payload: Buffer.from('7'),
    });
  });

  it('a constant body stays byte for byte, also when it is no text', () => {
    const body = Buffer.from([0xff, 0x00]);
    expect(
      templateMaker({ ...parts, subject: 's.{{ID}}', body }, options)({ count: 1 }).payload,
    ).toBe(body);
  });

  it('faults are told before the first message', () => {
    expect(() => templateMaker({ ...parts, subject: 'a..{{ID}}' }, options)).toThrow(/two dots/);
    expect(() => templateMaker({ ...parts, body: Buffer.from('{{Nope}}') }, options)).toThrow(
      /unknown function/,
    );
    expect(() => constantMaker({ ...parts, reply: 'a b' })).toThrow(/a space/);
  });
});
