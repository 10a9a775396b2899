import { describe, expect, it } from 'vitest';
import { parseExactJson } from '../../../../src/core/message/exact-json.js';
import { decodeMessageLine } from '../../../../src/core/message/message-line.js';
import { encodeMessageLine } from '../../../../src/core/message/payload-json.js';
import { isTooDeep } from '../../../../src/core/values/json-depth.js';
import { prettyJson } from '../../../../src/terminal/text/json-pretty.js';
import { createStyle } from '../../../../src/terminal/text/style.js';
import { complaint } from '../../../support/complaint.js';

const lists = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('JSON of many levels', () => {
  it.each([
    [lists(500), false],
    [lists(501), true],
    [objects(500), false],
    [objects(501), true],
    [`[${'[],'.repeat(5000)}[]]`, false],
    [`["${'['.repeat(5000)}"]`, false],
    [`["${String.raw`\"[`.repeat(5000)}"]`, false],
  ])('is seen (%#)', (json, expected) => {
    expect(isTooDeep(json)).toBe(expected);
  });

  it.each([500, 501, 5000, 200_000])(
    'of a message are the same after a line of JSON (%i)',
    (depth) => {
      for (const payload of [lists(depth), objects(depth)].map((text) => Buffer.from(text))) {
        const line = encodeMessageLine({ subject: 'a', payload, receivedAtMs: 0 });
        expect(Buffer.compare(decodeMessageLine(line).payload, payload)).toBe(0);
      }
    },
  );

  it('are refused in words where they cannot be written again', () => {
    expect(complaint(() => decodeMessageLine(`{"subject":"a","payload":${lists(200_000)}}`))).toBe(
      'usage: "payload" is nested too deeply | write it as a string to send it as it is',
    );
    expect(() => parseExactJson(objects(200_000))).toThrow(/too many levels/);
  });

  it('are not indented', () => {
    expect(prettyJson(lists(200_000), createStyle(false))).toBeUndefined();
  });
});
