import { expect, it } from 'vitest';
import {
  parseConsumerName,
  parseQueueGroup,
  parseStreamName,
} from '../../../src/core/entity-name.js';
import { complaint } from '../../support/complaint.js';

it('takes ordinary names', () => {
  expect(parseQueueGroup('workers.eu')).toBe('workers.eu');
  // The server compares them as they are.
  expect(parseQueueGroup('a..*')).toBe('a..*');
  expect(parseStreamName('ORDERS_1-x')).toBe('ORDERS_1-x');
  expect(parseConsumerName('über')).toBe('über');
});

it('says what is wrong with a name', () => {
  const faults = [
    () => parseQueueGroup(''),
    () => parseQueueGroup('a b'),
    () => parseQueueGroup('tab\t'),
    () => parseQueueGroup('a\r\nb'),
    () => parseStreamName(''),
    () => parseStreamName('orders.new'),
    () => parseStreamName('x'.repeat(256)),
    () => parseConsumerName('a/b'),
    () => parseConsumerName('a>'),
  ];
  expect(faults.map(complaint)).toMatchInlineSnapshot(`
    [
      "usage: the queue group is empty",
      "usage: invalid queue group "a b": " " at position 2 | use letters, digits, dashes and underscores",
      "usage: invalid queue group "tab\\t": "\\t" at position 4 | use letters, digits, dashes and underscores",
      "usage: invalid queue group "a\\r\\nb": "\\r" at position 2 | use letters, digits, dashes and underscores",
      "usage: the stream name is empty",
      "usage: invalid stream name "orders.new": "." at position 7 | use letters, digits, dashes and underscores",
      "usage: the stream name has 256 characters, the server takes 255",
      "usage: invalid consumer name "a/b": "/" at position 2 | use letters, digits, dashes and underscores",
      "usage: invalid consumer name "a>": ">" at position 2 | use letters, digits, dashes and underscores",
    ]
  `);
});
