import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';

import { helpText } from '../support/help-text.js';
import { exampleLines, manifestCommands } from '../support/manifest.js';
import { runCli } from '../support/run-cli.js';

const commands = manifestCommands();

/** The lines of a section, up to the next empty line. */
function section(help: string, title: string): readonly string[] {
  const lines = help.split('\n');
  const start = lines.findIndex((line) => line.startsWith(title));
  return start === -1 ? [] : lines.slice(start + 1, lines.indexOf('', start));
}

/** The first words that a help text of natsx lists below these titles. */
function listed(help: string, titles: readonly string[]): readonly string[] {
  return titles
    .flatMap((title) => section(help, title))
    .flatMap((line) => /^ {2}([a-z][\w-]*) /.exec(line)?.[1] ?? [])
    .sort();
}

const firstWords = [...new Set(commands.map(([words]) => words.split(' ')[0] ?? ''))].sort();
const groups = ['MESSAGES', 'STREAMS AND CONSUMERS', 'CHECKS', 'CONNECTIONS', 'FIRST STEPS'];

describe('--help', () => {
  it('of natsx lists every first word in the group of its purpose', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(listed(stdout, groups)).toEqual(firstWords);
    expectColumns(stdout);
  });

  it('of natsx shows the commands below each first word', async () => {
    const { stdout } = await runCli(['--help']);
    const text = stdout.replace(/\s+/g, ' ');
    for (const word of ['backlog', 'bench', 'doctor', 'verify', 'stream']) {
      const below = commands
        .filter(([words]) => words.startsWith(`${word} `))
        .map(([words]) => words.slice(word.length + 1));
      expect(below.length).toBeGreaterThan(0);
      expect(text).toContain(`also ${below.join(', ')}`);
    }
  });

  it('of natsx -h is one screen that names every first word', async () => {
    const { stdout } = await runCli(['-h']);
    const names =
      section(stdout, 'COMMANDS')
        .join(' ')
        .match(/[a-z][\w-]*(?=,| {2}|$)/g) ?? [];
    for (const word of firstWords) expect(names).toContain(word);
    expectScreen(stdout);
  });

  // Of each kind of command: those that bin/run.js starts quickly, others, and one of two words.
  it.each(['pub', 'request', 'reply', 'sub', 'backlog', 'stream ls'])(
    'of natsx %s is printed by the program',
    async (words) => {
      for (const flag of ['-h', '--help']) {
        const { code, stdout, stderr } = await runCli([...words.split(' '), flag]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(stdout).toBe(await helpText(words, flag));
      }
    },
  );

  it.each(commands.map(([words]) => words))('of natsx %s fits 80 columns', async (words) => {
    const stdout = await helpText(words, '--help');
    expectColumns(stdout);
    expect(section(stdout, 'USAGE')[0]).toMatch(new RegExp(`^ {2}\\$ natsx ${words}( |$)`));
    expect(section(stdout, 'CONNECTION')).toEqual([]);
  });

  it.each(commands)('of natsx %s -h fits a screen, with an example and a flag', async (words) => {
    const stdout = await helpText(words, '-h');
    expectScreen(stdout);
    const examples = section(stdout, 'EXAMPLES').filter((line) => line.startsWith('    $ '));
    expect(examples.length).toBeGreaterThan(1);
    expect(section(stdout, 'FLAGS').length).toBeGreaterThan(3);
    expect(stdout).toContain(`natsx ${words} --help`);
  });

  it.each(['context', 'stream', 'consumer'])(
    'of natsx %s has commands and examples',
    async (topic) => {
      const [short, long] = await Promise.all([runCli([topic, '-h']), runCli([topic, '--help'])]);
      expectScreen(short.stdout);
      expectColumns(long.stdout);
      const below = commands.filter(([words]) => words.startsWith(`${topic} `));
      expect(
        section(long.stdout, 'COMMANDS').filter((line) => line.startsWith(`  ${topic} `)),
      ).toHaveLength(below.length);
      expect(long.stdout.match(/^ {4}\$ natsx /gm)?.length).toBe(below.length);
    },
  );

  it('breaks a long example before a flag, so that it can be pasted', async () => {
    const { stdout } = await runCli(['sub', '--help']);
    expect(stdout).toMatch(/ \\\n\s+--\S/);
    expect(stdout).not.toMatch(/ --[a-z-]+ \\\n/);
  });

  it('wraps a long flag, and does not narrow the column of the others', async () => {
    const { stdout } = await runCli(['pub', '--help']);
    const lines = stdout.split('\n');
    const long = lines.findIndex((line) => line.includes('--msg-id-from='));
    expect(lines[long]).toMatch(/^ {6}--msg-id-from=\S+$/);
    expect(lines[long + 1]).toMatch(/^ {20,}\S/);
  });

  it('of the connection flags is a page that other help refers to', async () => {
    const { code, stdout } = await runCli(['help', 'connection']);
    expect(code).toBe(0);
    for (const flag of ['--server', '--context', '--creds', '--tls-ca', '--wait-for-server'])
      expect(section(stdout, 'CONNECTION').join('\n')).toContain(flag);
    expectColumns(stdout);
    expect((await runCli(['rtt', '--help'])).stdout).toContain('natsx help connection');
    for (const words of ['autocomplete', 'backlog explain', 'bench compare', 'context ls'])
      expect((await runCli([...words.split(' '), '--help'])).stdout).not.toContain(
        'connection flags',
      );
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
    expect(stdout).toMatch(/^natsx\/\d+\.\d+\.\d+ \S+ (node|bun)-v\d+\.\d+\.\d+\n$/);
  });

  it.each([['version --json'], ['--version --json'], ['--json version']])(
    'natsx %s',
    async (words) => {
      const { code, stdout } = await runCli(words.split(' '));
      expect(code).toBe(0);
      const version = expect.stringMatching(/^\d+\.\d+\.\d+$/) as unknown;
      const isExecutable = process.env['NATSX_PROGRAM'] !== undefined;
      expect(JSON.parse(stdout)).toEqual({
        version,
        ...(isExecutable ? { node: version, bun: version } : { node: process.version.slice(1) }),
        platform: process.platform,
        arch: process.arch,
      });
    },
  );
});

describe('help as people ask for it', () => {
  it.each([
    ['req -h', 'request -h'],
    ['pub orders.new x -h', 'pub -h'],
    ['pub help', 'pub --help'],
    ['help stream ls', 'stream ls --help'],
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
  expect(stdout.replace(/\s+/g, ' ')).toContain('{{Random min max}}, and {{Request}}');
});

function expectColumns(text: string): void {
  expect(text.split('\n').filter((line) => stringWidth(line) > 80)).toEqual([]);
}

/** A terminal of 80×24, with the prompt below. */
function expectScreen(text: string): void {
  expectColumns(text);
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(23);
}
