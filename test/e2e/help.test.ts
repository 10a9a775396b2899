import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';

import { exampleLines, manifestCommands } from '../support/manifest.js';
import { runCli } from '../support/run-cli.js';

const commands = manifestCommands();

describe('--help', () => {
  it('of natsx names every first word that there is', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const [words] of commands) expect(stdout).toContain(words.split(' ')[0]);
    expectColumns(stdout.slice(stdout.indexOf('VERSION')));
  });

  it.each(commands.map(([words]) => words))('of natsx %s fits 80 columns', async (words) => {
    const { code, stdout, stderr } = await runCli([...words.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expectColumns(stdout);
  });

  it('says where several words are taken', async () => {
    const { stdout } = await runCli(['sub', '--help']);
    expect(stdout).toContain('$ natsx sub [SUBJECT...] [FLAGS]');
  });

  it('is what help COMMAND prints as well', async () => {
    const asked = await runCli(['help', 'rtt']);
    const given = await runCli(['rtt', '--help']);
    expect(asked).toMatchObject({ code: 0, stdout: given.stdout });
  });
});

describe.each(commands)('natsx %s', (_words, command) => {
  it('has a summary: a fragment in lower case without a full stop', () => {
    expect(command.summary).toMatch(/^[^A-Z\s].*[^.]$/);
    expect(command.summary?.length).toBeLessThanOrEqual(72);
  });

  it('has a description in sentences', () => {
    expect(command.description).toMatch(/^(natsx |[^a-z\s])[\s\S]*\.$/);
  });

  it('has two examples or more, each with a sentence of what it is for', () => {
    const examples = command.examples ?? [];
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const { description } of examples) expect(description).toMatch(/^[^a-z]/);
  });

  it('has examples that can be pasted: on one line, with long flags', () => {
    for (const line of exampleLines(command)) {
      expect(line).toContain('natsx');
      expect(line).not.toContain('\n');
      // -H is what everybody knows from curl; what is behind a pipe belongs to another program.
      const own = /natsx [^|]*/.exec(line)?.[0] ?? '';
      expect(own.replace(/'[^']*'/g, '')).not.toMatch(/\s-(?!H\b)[a-zA-Z]\b/);
    }
  });

  it('says of every flag what it is for, in a fragment', () => {
    for (const [name, flag] of Object.entries(command.flags)) {
      if (flag.hidden === true) continue;
      expect(`${name}: ${flag.summary ?? ''}`).toMatch(/^[a-z-]+: \S.*[^.]$/);
    }
  });
});

describe('words that are no commands', () => {
  it.each([
    [['puub', 'a', 'b'], 'there is no command "puub"', 'did you mean natsx pub'],
    [['contxt'], 'there is no command "contxt"', 'did you mean natsx context?'],
    [['context', 'slect'], 'there is no command "context slect"', 'natsx context select'],
    [['help', 'rttt'], 'there is no command "rttt"', 'did you mean natsx rtt?'],
    [['xyzzy'], 'there is no command "xyzzy"', 'natsx --help lists them'],
    [['constructor'], 'there is no command "constructor"', 'natsx --help lists them'],
    [['toString', 'a'], 'there is no command "toString"', 'natsx --help lists them'],
    [['info', '--sevrer', 'x'], 'unknown flag --sevrer', 'did you mean --server?'],
    [['rtt', '--timeout', 'soon'], '--timeout: ', '1.5s'],
    [['rtt', 'many'], 'many', ''],
    [['context', 'select'], 'NAME is missing', '--help'],
    [['info', 'extra'], 'unexpected argument: extra', ''],
  ])('%j', async (args, sentence, hint) => {
    const { code, stdout, stderr } = await runCli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).toContain(hint);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });

  it('are an object on stderr with --json', async () => {
    const { code, stderr } = await runCli(['info', '--sevrer', 'x', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { kind: 'usage', message: 'unknown flag --sevrer', hint: 'did you mean --server?' },
    });
  });
});

describe('the version', () => {
  it.each([['--version'], ['version'], ['-V'], ['-v']])('natsx %s', async (word) => {
    const { code, stdout } = await runCli([word]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^natsx\/\d+\.\d+\.\d+ \S+ node-v\d+\.\d+\.\d+\n$/);
  });

  it.each([['version --json'], ['--version --json'], ['--json version']])(
    'natsx %s',
    async (words) => {
      const { code, stdout } = await runCli(words.split(' '));
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as unknown,
        node: process.version.slice(1),
        platform: process.platform,
        arch: process.arch,
      });
    },
  );
});

describe('help as people ask for it', () => {
  it.each([
    ['-h', '--help'],
    ['sub -h', 'sub --help'],
    ['req -h', 'req --help'],
    ['pub orders.new x -h', 'pub --help'],
    ['pub help', 'pub --help'],
    ['stream ls -h', 'stream ls --help'],
    ['stream help', 'stream --help'],
    ['-s nats://host help sub', 'sub --help'],
    ['--context prod backlog help', 'backlog --help'],
  ])('natsx %s', async (words, spelled) => {
    const [run, expected] = await Promise.all([
      runCli(words.split(' ')),
      runCli(spelled.split(' ')),
    ]);
    expect(run).toMatchObject({ code: 0, stdout: expected.stdout, stderr: '' });
    expect(run.stdout).toContain('USAGE');
  });
});

it('the help of reply names the request among the templates', async () => {
  const { stdout } = await runCli(['reply', '--help']);
  expect(stdout.replace(/\s+/g, ' ')).toContain('{{Random min max}} and {{Request}}');
});

function expectColumns(text: string): void {
  const tooLong = text.split('\n').filter((line) => stringWidth(line) > 80);
  // An example is one line, so that it can be pasted.
  expect(tooLong.filter((line) => !/^\s*\$ |^\s+\S.*\bnatsx /.test(line))).toEqual([]);
}
