import { describe, expect, it } from 'vitest';

import { explainParseFailure, unknownFlagsIn } from '../../../src/terminal/parse-failure.js';
import { NatsxError, usageError } from '../../../src/core/errors.js';

const commands = ['pub', 'sub', 'queue-sub', 'context:ls', 'context:select', 'bench'];

/** An error as oclif throws it. */
function oclifError(message: string, facts: object = {}): Error {
  return Object.assign(new Error(message), { oclif: { exit: 2 } }, facts);
}

function told(error: unknown): string {
  const explained = explainParseFailure(error, commands);
  if (!(explained instanceof NatsxError)) return `not explained: ${String(explained)}`;
  const { kind, message, hint } = explained;
  return `${kind}: ${message}${hint === undefined ? '' : ` | ${hint}`}`;
}

describe('unknown commands', () => {
  it.each([
    ['puub', 'usage: there is no command "puub" | did you mean natsx pub or natsx sub?'],
    ['contxt', 'usage: there is no command "contxt" | did you mean natsx context?'],
    [
      'context:slect',
      'usage: there is no command "context slect" | did you mean natsx context select?',
    ],
    ['puub:a:b', 'usage: there is no command "puub" | did you mean natsx pub or natsx sub?'],
    ['context:nope:a', 'usage: there is no command "context nope" | natsx --help lists them'],
    [
      'pub:extra:words',
      'usage: unexpected argument: extra words | --help shows what this command takes',
    ],
    ['xyzzy', 'usage: there is no command "xyzzy" | natsx --help lists them'],
    [
      '--user=me:secret',
      'usage: the command is missing before --user | write natsx COMMAND --user; natsx --help lists the commands',
    ],
  ])('%s', (id, sentence) => {
    expect(told(oclifError(`command ${id} not found`))).toBe(sentence);
  });
});

describe('unknown flags', () => {
  const flags = { server: {}, 'tls-ca': {}, json: {}, force: { hidden: true } };
  const unknown = (...given: readonly string[]) =>
    told(
      oclifError(`Nonexistent flag: ${given.join(', ')}\nSee more help with --help`, {
        flags: given,
        parse: { input: { flags } },
      }),
    );

  it.each([
    [['--sever'], 'usage: unknown flag --sever | did you mean --server?'],
    [['--tls_ca'], 'usage: unknown flag --tls_ca | did you mean --tls-ca?'],
    [['--zebra=secret'], 'usage: unknown flag --zebra | --help lists the flags of this command'],
    [['--zebra'], 'usage: unknown flag --zebra | --help lists the flags of this command'],
    [
      ['--sever', '--jsn'],
      'usage: unknown flags --sever, --jsn | did you mean --server or --json?',
    ],
  ])('%j', (given, sentence) => {
    expect(unknown(...given)).toBe(sentence);
  });

  it('does not suggest what help hides', () => {
    expect(unknown('--forse')).toBe(
      'usage: unknown flag --forse | --help lists the flags of this command',
    );
  });
});

it('takes an unknown flag for the cause of an unexpected argument', () => {
  const error = oclifError('Unexpected argument: x', {
    args: ['x'],
    parse: { input: { flags: { server: {} } }, output: { nonExistentFlags: ['--sevrer'] } },
  });
  expect(told(error)).toBe('usage: unknown flag --sevrer | did you mean --server?');
});

it('explains the plain errors of integer arguments', () => {
  expect(told(new Error('Expected an integer but received: many'))).toBe(
    'usage: expected an integer but received: many | --help shows what this command takes',
  );
  expect(told(new Error('Expected an integer greater than or equal to 1 but received: 0'))).toMatch(
    /^usage: expected an integer greater/,
  );
});

describe('flags that do not fit each other', () => {
  it.each([
    [
      'The following error occurred:\n  \u001b[2m--lines=true cannot also be provided when using --count\u001b[22m\nSee more help with --help',
      'usage: --count and --lines cannot be used together | leave one of them out',
    ],
    [
      'The following errors occurred:\n  --a=x y cannot also be provided when using --b\n  --b=1 cannot also be provided when using --a\nSee more help with --help',
      'usage: --b and --a cannot be used together | leave one of them out',
    ],
    [
      'The following error occurred:\n  All of the following must be provided when using --msg-id: --jetstream\nSee more help with --help',
      'usage: --msg-id needs --jetstream | add --jetstream',
    ],
  ])('%j', (message, sentence) => {
    expect(told(oclifError(message))).toBe(sentence);
  });
});

describe('values that a flag does not take', () => {
  it('names the flag and keeps sentence, hint and kind', () => {
    const error = usageError('invalid duration "x"', 'write a number and a unit');
    error.message = 'Parsing --timeout \n\tinvalid duration "x"\nSee more help with --help';
    expect(told(error)).toBe('usage: --timeout: invalid duration "x" | write a number and a unit');
  });

  it("tells oclif's own complaints as natsx tells its own", () => {
    const error = new Error(
      'Parsing --top \n\tExpected an integer greater than or equal to 1 but received: 0\nSee more help with --help',
    );
    expect(told(error)).toBe(
      'usage: --top: expected an integer greater than or equal to 1 but received: 0',
    );
  });
});

describe('everything else', () => {
  it('names a missing argument and what it is', () => {
    const args = [{ name: 'subject', description: 'where to publish' }];
    expect(told(oclifError('Missing 1 required arg:\nsubject  where to publish', { args }))).toBe(
      'usage: SUBJECT is missing: where to publish | --help shows what this command takes',
    );
  });

  it('names several', () => {
    const args = [{ name: 'subject', description: 'where' }, { name: 'queue' }];
    expect(told(oclifError('Missing 2 required args:\nsubject  where\nqueue', { args }))).toBe(
      'usage: SUBJECT and QUEUE are missing | --help shows what this command takes',
    );
    const three = [{ name: 'dir' }, { name: 'from' }, { name: 'to' }];
    expect(told(oclifError('Missing 3 required args:\ndir\nfrom\nto', { args: three }))).toBe(
      'usage: DIR, FROM and TO are missing | --help shows what this command takes',
    );
  });

  it('becomes one sentence without colours', () => {
    const message = 'Unexpected argument:  \u001b[2mtoo much\u001b[22m\nSee more help with --help';
    expect(told(oclifError(message))).toBe(
      'usage: unexpected argument: too much | --help shows what this command takes',
    );
  });

  it('is passed on when oclif did not throw it', () => {
    const bug = new TypeError('x is not a function');
    expect(explainParseFailure(bug, commands)).toBe(bug);
    const own = new NatsxError('timeout', 'no answer in time');
    expect(explainParseFailure(own, commands)).toBe(own);
    expect(explainParseFailure('text', commands)).toBe('text');
  });
});

describe('a flag that the command does not have, with a value that became an argument', () => {
  const flags = {
    raw: { type: 'boolean', allowNo: true },
    'last-for': { type: 'option', char: 'S', aliases: ['last'] },
  } as const;
  const complaint = (line: string) => unknownFlagsIn(line.split(' '), flags)?.message;

  it.each([
    ['ORDERS --since 2m', 'unknown flag --since'],
    ['ORDERS --since=2m', 'unknown flag --since'],
    ['ORDERS --raw --since 2m', 'unknown flag --since'],
  ])('%s', (line, sentence) => {
    expect(complaint(line)).toBe(sentence);
  });

  it.each([
    'ORDERS 2m',
    'ORDERS --raw 2m',
    'ORDERS --no-raw 2m',
    'ORDERS --last-for=--since 2m',
    'ORDERS --last --since 2m',
    'ORDERS -S --since 2m',
    'ORDERS -- --since 2m',
    'ORDERS -5',
  ])('%s has none', (line) => {
    expect(complaint(line)).toBeUndefined();
  });
});
