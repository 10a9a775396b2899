import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compileTemplate,
  type TemplateEnvironment,
} from '../../../../src/core/message/template.js';
import { complaint } from '../../../support/complaint.js';

const zone = process.env['TZ'];
beforeAll(() => {
  process.env['TZ'] = 'Asia/Kolkata';
});
afterAll(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

function environment(epochMs = Date.UTC(2026, 0, 2, 8, 4, 5)): TemplateEnvironment {
  let ids = 0;
  return {
    epochNs: () => BigInt(epochMs) * 1_000_000n + 123n,
    random: () => 0.5,
    newId: () => `id${(ids += 1)}`,
  };
}

function render(text: string, epochMs?: number): string {
  const template = compileTemplate(text, { environment: environment(epochMs), allowRequest: true });
  return template.render({ count: 7, request: Buffer.from('ping') });
}

describe('functions', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['{"a":{"b":1}', '{"a":{"b":1}'],
    ['{{Count}}', '7'],
    ['a{{ Cnt }}b{{.Count}}c', 'a7b7c'],
    ['{{ID}} {{.ID}}', 'id1 id2'],
    ['{{Time}}', '1:34PM'],
    ['{{TimeStamp}}', '2026-01-02T13:34:05+05:30'],
    ['{{Unix}}', '1767341045'],
    ['{{UnixNano}}', '1767341045000000123'],
    ['{{Random 3 3}}', 'fff'],
    ['{{Random 0 4}}', 'ff'],
    ['{{Random 0 0}}', ''],
    ['<{{Request}}>', '<ping>'],
  ])('%s gives %s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  it('shows midnight and noon as the kitchen clock does', () => {
    const midnightInKolkata = Date.UTC(2026, 0, 1, 18, 30);
    expect(render('{{Time}}', midnightInKolkata)).toBe('12:00AM');
    expect(render('{{Time}}', midnightInKolkata + 12 * 3_600_000)).toBe('12:00PM');
  });

  it('puts a binary request in byte for byte', () => {
    const template = compileTemplate('<{{Request}}>', {
      environment: environment(),
      allowRequest: true,
    });
    const bytes = template.renderBytes({ count: 1, request: Uint8Array.of(0xff, 0) });
    expect([...bytes]).toEqual([0x3c, 0xff, 0, 0x3e]);
  });

  it('tells a constant text from a template', () => {
    expect(compileTemplate('a } b', { environment: environment() }).isConstant).toBe(true);
    expect(compileTemplate('{{ID}}', { environment: environment() }).isConstant).toBe(false);
  });
});

it('says what is wrong', () => {
  const bad = [
    '{{Coumt}}',
    '{{Nope\u001b}}',
    '{{constructor}}',
    'a {{Count',
    '{{}}',
    '{{Count 1}}',
    '{{Random}}',
    '{{Random 5 1}}',
    '{{Random a b}}',
    '{{Random 1 2 3}}',
    '{{Random 1 99999999999}}',
    '{{Request}}',
  ];
  const compile = (text: string) => () => compileTemplate(text, { environment: environment() });
  expect(bad.map((text) => complaint(compile(text)))).toMatchInlineSnapshot(`
    [
      "usage: the template has an unknown function "Coumt" | did you mean Count? known: Count, Cnt, ID, Time, TimeStamp, Unix, UnixNano, Random",
      "usage: the template has an unknown function "Nope\\x1b" | known: Count, Cnt, ID, Time, TimeStamp, Unix, UnixNano, Random",
      "usage: the template has an unknown function "constructor" | known: Count, Cnt, ID, Time, TimeStamp, Unix, UnixNano, Random",
      "usage: the template has "{{" at position 3 that is never closed | close it with "}}", or send the text without templates",
      "usage: the template has an empty pair of braces "{{}}"",
      "usage: the template function Count takes no arguments, it was given "1"",
      "usage: the template function Random was given "" | give the shortest and the longest length, up to 1048576: {{Random 10 20}}",
      "usage: the template function Random was given "5 1" | give the shortest and the longest length, up to 1048576: {{Random 10 20}}",
      "usage: the template function Random was given "a b" | give the shortest and the longest length, up to 1048576: {{Random 10 20}}",
      "usage: the template function Random was given "1 2 3" | give the shortest and the longest length, up to 1048576: {{Random 10 20}}",
      "usage: the template function Random was given "1 99999999999" | give the shortest and the longest length, up to 1048576: {{Random 10 20}}",
      "usage: the template function Request is known only in replies | known functions: Count, Cnt, ID, Time, TimeStamp, Unix, UnixNano, Random",
    ]
  `);
});
