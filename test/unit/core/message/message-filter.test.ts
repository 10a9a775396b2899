import { expect, it } from 'vitest';
import { compileJsonPath } from '../../../../src/core/message/json-path.js';
import { compileMessageFilters } from '../../../../src/core/message/message-filter.js';
import { complaint } from '../../../support/complaint.js';

const body = {
  order: { total: 120.5, id: 'A-7', ok: true, none: null, items: [{ sku: 'x' }] },
  'a b=c': 1,
};
const message = {
  subject: 'orders.eu',
  headers: new Map([
    ['Region', ['eu', 'us']],
    ['Retry', ['10']],
  ]),
  // Past what a JavaScript number holds.
  payload: Buffer.from(JSON.stringify(body).replace(/}$/, ',"huge":9007199254740993}')),
  receivedAtMs: 0,
};

it.each([
  ['header:Region', true],
  ['header:region', false],
  ['header:Nope', false],
  ['header:Region=us', true],
  ['header:Region!=us', false],
  ['header:Region!=asia', true],
  ['header:Nope!=x', true],
  ['header:Region~^e', true],
  ['header:Retry>9', true],
  ['header:Retry<9', false],
  ['header: Retry = 10', true],
  ['json:.order.total>100', true],
  ['json:.order.total<=120.5', true],
  ['json:.order.total>=121', false],
  ['json:.order.total=120.50', true],
  ['json:.order.id=A-7', true],
  ['json:.order.id~^B', false],
  ['json:.order.id>A-6', true],
  ['json:.order.id>5', false],
  ['json:.order.ok=true', true],
  ['json:.order.none=null', true],
  ['json:.order.none', true],
  ['json:.order.nope', false],
  ['json:.order.nope<5', false],
  ['json:.order.items[0].sku=x', true],
  ['json:.order.items[1]', false],
  ['json:.["a b=c"]=1', true],
  ['json:.toString', false],
  ['json:.order.id.length', false],
  ['subject=orders.eu', true],
  ['payload~A-\\d', true],
  ['size>1000', false],
  ['size<=1K', true],
  ['size==0.5KiB', false],
  ['header:Region==us', true],
  ['header:Region == "us"', true],
  ["header:Region=='us'", true],
  ['header:Region="asia"', false],
  ['json:.order.id=="A-7"', true],
  ['json:.order.id="A\\u002d7"', true],
  ["json:.order.id!='A-7'", false],
  ['json:.order.total=="120.5"', true],
  ['json:.order.ok==true', true],
  ['json:.order.id=~^A', true],
  ['json:.order.id~"^A-\\d$"', true],
  ['json:.order.id!~^A', false],
  ['json:.order.nope!~^A', true],
  ['payload~"id"', true],
  ['payload~<', false],
  ['subject=="orders.eu"', true],
  ['subject == orders.eu', true],
  ['json:.huge=9007199254740993', true],
  ['json:.huge==9007199254740992', false],
  ['json:.huge!=9007199254740992', true],
  ['json:.huge>9007199254740992', true],
  ['json:.huge<9007199254740994', true],
  ['json:.huge<=9007199254740992', false],
  ['json:.huge~993$', true],
])('%s: %s', (expression, expected) => {
  expect(compileMessageFilters([expression])(message)).toBe(expected);
});

it('wants all of several filters, and passes everything without one', () => {
  expect(compileMessageFilters(['header:Region=eu', 'json:.order.total>1'])(message)).toBe(true);
  expect(compileMessageFilters(['header:Region=eu', 'json:.order.total>1000'])(message)).toBe(
    false,
  );
  expect(compileMessageFilters([])(message)).toBe(true);
});

it('finds no JSON where there is none', () => {
  const binary = { ...message, payload: Uint8Array.of(0xff) };
  expect(compileMessageFilters(['json:.a'])(binary)).toBe(false);
  expect(compileMessageFilters(['payload~.'])(binary)).toBe(false);
  expect(compileMessageFilters(['json:.a!=1'])({ ...message, payload: Buffer.from('{') })).toBe(
    true,
  );
});

it('says what is wrong', () => {
  const bad = [
    '',
    'Region=eu',
    'header:',
    'header:=x',
    'json:.a~(',
    'json:a=1',
    'json:.a[x]=1',
    'json:=1',
    'json:.a..b',
  ];
  expect(bad.map((text) => complaint(() => compileMessageFilters([text])))).toMatchInlineSnapshot(`
    [
      "usage: invalid filter "" | for example 'header:Region=eu', 'header:Trace', 'json:.order.total>100' or 'json:.user~^a'; fields are header:NAME, json:.PATH, subject, payload and size; operators are = (or ==), !=, <, <=, >, >=, ~ (regular expression) and !~",
      "usage: invalid filter "Region=eu" | for example 'header:Region=eu', 'header:Trace', 'json:.order.total>100' or 'json:.user~^a'; fields are header:NAME, json:.PATH, subject, payload and size; operators are = (or ==), !=, <, <=, >, >=, ~ (regular expression) and !~",
      "usage: invalid filter "header:" | for example 'header:Region=eu', 'header:Trace', 'json:.order.total>100' or 'json:.user~^a'; fields are header:NAME, json:.PATH, subject, payload and size; operators are = (or ==), !=, <, <=, >, >=, ~ (regular expression) and !~",
      "usage: invalid filter "header:=x" | for example 'header:Region=eu', 'header:Trace', 'json:.order.total>100' or 'json:.user~^a'; fields are header:NAME, json:.PATH, subject, payload and size; operators are = (or ==), !=, <, <=, >, >=, ~ (regular expression) and !~",
      "usage: the filter's regular expression "(" is not valid | for example 'header:Region=eu', 'header:Trace', 'json:.order.total>100' or 'json:.user~^a'; fields are header:NAME, json:.PATH, subject, payload and size; operators are = (or ==), !=, <, <=, >, >=, ~ (regular expression) and !~",
      "usage: invalid JSON path "a": no step at position 1 | write it as .order.items[0].id or .["odd key"]",
      "usage: invalid JSON path ".a[x]": no step at position 3 | write it as .order.items[0].id or .["odd key"]",
      "usage: invalid filter "json:=1" | for example 'header:Region=eu', 'header:Trace', 'json:.order.total>100' or 'json:.user~^a'; fields are header:NAME, json:.PATH, subject, payload and size; operators are = (or ==), !=, <, <=, >, >=, ~ (regular expression) and !~",
      "usage: invalid JSON path ".a..b": no step at position 3 | write it as .order.items[0].id or .["odd key"]",
    ]
  `);
});

it.each([
  ['json:.a===1', 'not an operator'],
  ['json:.a=>1', 'not an operator'],
  ['json:.a=<1', 'not an operator'],
  ['json:.a<>1', 'not an operator'],
  ['json:.a!==1', 'not an operator'],
  ['json:.a~=x', 'not an operator'],
  ['json:.a!', 'not an operator'],
  ['payload contains x', 'not an operator'],
  ['subject:orders.eu', 'not an operator'],
  ['header:Region eu', 'not the name of a header'],
  ['header:Region:eu', 'not the name of a header'],
  ['json:.a="x', 'begins with " and does not end'],
  ["json:.a='x", "begins with ' and does not end"],
  ['json:.a="x"y"', 'not a JSON string'],
  ['json:.a=1 && json:.b=2', 'several --filter must all pass'],
  ['size>large', 'not a number of bytes'],
])('%j is refused, and the operators are named', (expression, why) => {
  const words = complaint(() => compileMessageFilters([expression]));
  expect(words).toContain(why);
  expect(words).toMatch(/^usage: .* operators are = \(or ==\), !=, <, <=, >, >=, ~ .*!~$/);
});

it.each([
  ['.', [1]],
  ['[0]', 1],
  ['.[0]', undefined],
])('the path %s', (path, expected) => {
  if (expected === undefined) expect(complaint(() => compileJsonPath(path))).toMatch(/^usage/);
  else expect(compileJsonPath(path)([1])).toEqual(expected);
});

it.each(['json:.x>', 'size<= ', 'header:A<'])('%j has nothing to compare with', (expression) => {
  expect(complaint(() => compileMessageFilters([expression]))).toMatch(/nothing to compare with/);
});
