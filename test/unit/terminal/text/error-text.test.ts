import { describe, expect, it } from 'vitest';
import { NatsxError } from '../../../../src/core/errors.js';
import { errorJson, errorText } from '../../../../src/terminal/text/error-text.js';
import { createStyle } from '../../../../src/terminal/text/style.js';

const style = createStyle(false);
const root = new Error('connect ECONNREFUSED 127.0.0.1:4222');
const failure = new NatsxError('connection', 'cannot connect to nats://me:s3cret@host:4222', {
  hint: 'Is a server running there?',
  cause: new AggregateError([root, 'odd'], '', { cause: 'the root \u001b[2J' }),
  details: { server: 'nats://t0ken@host', attempts: 3 },
});

describe('errorText', () => {
  it('says what failed and what to do', () => {
    expect(errorText(failure, style, { verbose: false })).toMatchInlineSnapshot(`
      "error: cannot connect to nats://[redacted]@host:4222
      hint: Is a server running there?"
    `);
  });

  it('says why when asked', () => {
    expect(errorText(failure, style, { verbose: true })).toMatchInlineSnapshot(`
      "error: cannot connect to nats://[redacted]@host:4222
      cause: connect ECONNREFUSED 127.0.0.1:4222; odd
      cause: the root \\x1b[2J
      hint: Is a server running there?"
    `);
  });

  it('has the innermost stack of a bug, and of nothing else', () => {
    const bug = new NatsxError('internal', 'it broke', { cause: root });
    expect(errorText(bug, style, { verbose: false })).toMatch(
      /^error: it broke\ncause: connect .*\n.*\n\s+at /s,
    );
    expect(errorText(failure, style, { verbose: true })).not.toMatch(/\n\s+at /);
  });

  it('ends with causes that go in a circle', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    const text = errorText(new NatsxError('rejected', 'x', { cause: circle }), style, {
      verbose: true,
    });
    expect(text.split('\n').length).toBeLessThan(12);
  });

  it('lets no escape sequence through', () => {
    const evil = new NatsxError('usage', 'bad \u001b[2J', { hint: '\u009b' });
    expect(errorText(evil, style, { verbose: false })).toBe('error: bad \\x1b[2J\nhint: \\u009b');
  });
});

it('errorJson is one line without secrets', () => {
  expect(JSON.parse(errorJson(failure))).toEqual({
    error: {
      kind: 'connection',
      message: 'cannot connect to nats://[redacted]@host:4222',
      hint: 'Is a server running there?',
      details: { server: 'nats://[redacted]@host', attempts: 3 },
    },
  });
  const odd = new NatsxError('usage', 'token: "a"\nb');
  expect(errorJson(odd)).not.toContain('\n');
  expect(Object.keys((JSON.parse(errorJson(odd)) as { error: object }).error)).toEqual([
    'kind',
    'message',
  ]);
});

it('style is plain text without colour', () => {
  expect(Object.values(style).map((paint: (text: string) => string) => paint('x'))).toEqual(
    Array(7).fill('x'),
  );
  expect(createStyle(true).bad('x')).toBe('\u001b[31mx\u001b[39m');
});
