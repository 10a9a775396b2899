import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { root } from '../../../scripts/ready.mjs';
import { NatsxError, usageError } from '../../../src/core/errors.js';
import { oclifCommandLine } from '../../../src/terminal/command-line.js';
import {
  explainNatsCliWords,
  NATS_CLI_ANSWERS,
  NATS_CLI_FLAGS,
  NATS_CLI_WORKERS,
  NATS_CLI_SYNONYMS,
} from '../../../src/terminal/nats-cli-words.js';

const commands = [
  ...['pub', 'sub', 'rtt', 'info', 'request', 'backlog', 'backlog:check', 'doctor'],
  ...['stream:ls', 'stream:info', 'stream:rm', 'stream:purge', 'stream:create', 'stream:edit'],
  ...['consumer:ls', 'consumer:info', 'consumer:rm', 'consumer:pause', 'consumer:create'],
  ...['context:ls', 'context:show', 'context:rm', 'context:select', 'context:save'],
];

describe('names of the nats CLI', () => {
  it.each([
    ['publish a b', 'pub a b'],
    ['str ls', 'stream ls'],
    ['str list --json', 'stream ls --json'],
    ['--context prod con info ORDERS new', 'consumer info --context prod ORDERS new'],
    ['c list ORDERS', 'consumer ls ORDERS'],
    ['ctx info prod', 'context show prod'],
    ['stream del ORDERS -f', 'stream rm ORDERS -f'],
    ['account info', 'info'],
    ['consumer report ORDERS', 'backlog ORDERS'],
    ['consumer next ORDERS new', 'sub --stream ORDERS --durable new --count 1 --wait 5s'],
    [
      '-s a con next ORDERS new --count 5 --no-ack',
      'sub -s a --stream ORDERS --durable new --wait 5s --count 5 --ack none',
    ],
    ['consumer sub ORDERS new --ack', 'sub --stream ORDERS --durable new'],
    ['consumer next ORDERS', 'consumer next ORDERS'],
    // Not in natsx: the words stay.
    ['consumer copy A B', 'consumer copy A B'],
    ['server report connections', 'server report connections'],
    // Arguments are not commands.
    ['pub stream list', 'pub stream list'],
    ['stream info str', 'stream info str'],
  ])('%s', (line, expected) => {
    expect(oclifCommandLine(line.split(' '), commands).join(' ')).toBe(expected);
  });
});

/** The hint for a line that has no command. */
function answer(line: string): string {
  const words = line.split(' ');
  const error = usageError(`there is no command "${words[0] ?? ''}"`, 'natsx --help lists them');
  const explained = explainNatsCliWords(error, words, commands);
  return explained instanceof NatsxError ? `${explained.message}: ${explained.hint ?? ''}` : '';
}

describe('commands that natsx does not have', () => {
  it.each([
    [
      'kv ls',
      'there is no command "kv": natsx leaves key-value stores to the nats CLI: nats kv ls',
    ],
    [
      'kv get A b --user me',
      'there is no command "kv": natsx leaves key-value stores to the nats CLI: nats kv get A b',
    ],
    [
      'server check consumer --stream ORDERS --consumer=new',
      'there is no command "server check consumer": natsx backlog check ORDERS new',
    ],
    [
      'stream view ORDERS',
      'there is no command "stream view": natsx sub --stream ORDERS --from-start --until-end',
    ],
    [
      'consumer next ORDERS',
      'there is no command "consumer next": natsx sub --stream ORDERS --durable CONSUMER --count 1 --wait 5s',
    ],
    ['stream ORDERS', 'there is no command "stream": write natsx stream info ORDERS'],
    ['context Prod', 'there is no command "context": write natsx context show Prod'],
    ['purge ORDERS', 'there is no command "purge": write natsx stream purge ORDERS'],
    [
      'purge ORDERS orders.eu',
      'there is no command "purge": write natsx stream purge ORDERS --subject orders.eu',
    ],
    [
      'ls',
      'there is no command "ls": did you mean natsx stream ls, natsx consumer ls or natsx context ls?',
    ],
    ['stream nope', 'there is no command "stream": natsx --help lists them'],
    ['xyzzy', 'there is no command "xyzzy": natsx --help lists them'],
  ])('%s', (line, expected) => {
    expect(answer(line)).toBe(expected);
  });

  it.each([
    ['info stream ORDERS', 'write natsx stream info ORDERS'],
    ['info con ORDERS new', 'write natsx consumer info ORDERS new'],
    ['pub x hello world', "quote the body: natsx pub x 'hello world'"],
    ['stream purge ORDERS orders.eu', 'write natsx stream purge ORDERS --subject orders.eu'],
    ['stream create A a.>', "write natsx stream create A --subjects 'a.>'"],
    ['stream add A a b', 'write natsx stream create A --subjects a,b'],
    ['stream ls ORDERS', 'write natsx stream info ORDERS'],
    ['rtt 1 2', 'as before'],
  ])('%s', (line, hint) => {
    const error = usageError('unexpected argument: x', 'as before');
    expect(explainNatsCliWords(error, line.split(' '), commands)).toMatchObject({ hint });
  });

  it('name the flag to use', () => {
    const error = usageError('unknown flags --jitter, --bogus', '--help lists them');
    expect(explainNatsCliWords(error, ['pub'], commands)).toMatchObject({
      hint: 'natsx paces with --interval or --rate, without jitter',
    });
  });

  it('leaves other errors alone', () => {
    const error = new NatsxError('auth', 'there is no command "kv"');
    expect(explainNatsCliWords(error, ['kv'], commands)).toBe(error);
  });
});

it('the page for users of the nats CLI lists them all', () => {
  const targets = [...new Set(NATS_CLI_SYNONYMS.values())];
  const rows = targets.map((target) => {
    const names = [...NATS_CLI_SYNONYMS].filter(([, to]) => to === target);
    return `| ${names.map(([name]) => `\`${name}\``).join(', ')} | \`natsx ${target}\` |`;
  });
  const answers = [...NATS_CLI_ANSWERS].map(([name, text]) =>
    text.startsWith(':')
      ? `| \`${name}\` | left to the nats CLI: ${text.slice(2)} |`
      : `| \`${name}\` | \`${text}\` |`,
  );
  const workers = [...NATS_CLI_WORKERS].map(
    ([name, more]) =>
      `| \`${name} S C\` | \`${['natsx sub --stream S --durable C', ...more.flat()].join(' ')}\` |`,
  );
  const flags = [...NATS_CLI_FLAGS].map(
    ([flag, text]) => `| \`${flag}\` | ${text.replace('|', '\\|')} |`,
  );
  const page = readFileSync(join(root, 'docs/from-nats-cli.md'), 'utf8').replace(/ +/g, ' ');
  expect([...rows, ...workers, ...answers, ...flags].filter((row) => !page.includes(row))).toEqual(
    [],
  );
});
