import { expect, test } from 'vitest';

import {
  consumerListText,
  missingJson,
  streamListText,
} from '../../../../src/streams/view/listing-text.js';
import { createStyle } from '../../../../src/terminal/text/style.js';

const view = { style: createStyle(false), width: undefined };
const missing = {
  kind: 'stream',
  what: 'stream ORDERS',
  why: 'no-leader',
  detail: 'nobody answers',
  stream: 'ORDERS',
} as const;

test('an empty list says of what', () => {
  const nothing = { streams: [], consumers: [], missing: [] };
  expect(streamListText(nothing, view)).toBe('There are no streams.\n');
  expect(streamListText(nothing, { ...view, subject: 'a.>' })).toBe('No stream stores "a.>".\n');
  expect(consumerListText(nothing, view)).toBe('There are no consumers.\n');
  expect(consumerListText(nothing, { ...view, stream: 'A' })).toBe(
    'The stream has no consumers.\n',
  );
});

test('what did not answer is named, in text and JSON', () => {
  const listing = { streams: [], consumers: [], missing: [missing] };
  expect(streamListText(listing, view)).toMatch(/^stream ORDERS +no-leader/m);
  expect(missingJson(missing)).toEqual({
    name: 'ORDERS',
    missing: 'no-leader',
    detail: 'nobody answers',
  });
  expect(missingJson({ ...missing, consumer: 'billing' })).toEqual({
    stream: 'ORDERS',
    name: 'billing',
    missing: 'no-leader',
    detail: 'nobody answers',
  });
});
