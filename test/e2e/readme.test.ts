import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/ready.mjs';

import { EXIT_CODES } from '../../src/terminal/exit-codes.js';
import { startExampleWorld, type ExampleWorld } from '../support/example-world.js';
import { manifestCommands } from '../support/manifest.js';

const pages = [
  'README.md',
  'README.zh.md',
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const textOf = (page: string) => readFileSync(join(root, page), 'utf8');

let world: ExampleWorld;
beforeAll(async () => {
  world = await startExampleWorld();
});
afterAll(() => world.close());

/** Blocks of ```sh; those marked ```sh illustration need what a test has not, such as a server elsewhere. */
function runnableBlocks(page: string): readonly (readonly [string])[] {
  const blocks = [...textOf(page).matchAll(/^```sh\n([\s\S]*?)^```$/gm)];
  return blocks.map((block) => [block[1] ?? '']);
}

const runnable = pages
  .map((page) => [page, runnableBlocks(page)] as const)
  .filter(([, blocks]) => blocks.length > 0);

describe.each(runnable)('%s', (page, blocks) => {
  it.each(blocks)('%s', async (script) => {
    if (page === 'docs/recipes.md') await world.reset({ orders: true, billing: true });
    const { code, output } = await world.run(script);
    expect({ code, output }).toEqual({ code: 0, output });
  });
});

describe.each(pages)('%s', (page) => {
  it('links to files that are there', () => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)];
    const broken = links
      .map((link) => link[1] ?? '')
      .filter((path) => !existsSync(join(root, dirname(page), path)));
    expect(broken).toEqual([]);
  });
});

/** The rows of the table of commands, which is the first one that begins with `pub`. */
function tableRows(page: string): readonly string[] {
  const rows = textOf(page).slice(textOf(page).indexOf('\n| `pub ')).trimStart().split('\n');
  return rows.slice(
    0,
    rows.findIndex((row) => !row.startsWith('|')),
  );
}

describe.each(['README.md', 'README.zh.md'])('%s', (page) => {
  it('has every command in its table', () => {
    const rows = tableRows(page);
    const missing = manifestCommands().filter(([words]) => {
      const [first = '', ...rest] = words.split(' ');
      const own = rows.filter((row) => new RegExp(`^\\| \`${first}[ \`]`).test(row)).join('\n');
      const named = rest.length === 0 ? [first] : [words, rest.join(' ')];
      return !named.some((name) => new RegExp(`\`${name}[ \`]`).test(own));
    });
    expect(rows.length).toBeGreaterThan(15);
    expect(missing.map(([words]) => words)).toEqual([]);
  });

  it('names every exit code with its kind', () => {
    for (const [kind, code] of Object.entries(EXIT_CODES)) {
      if (kind === 'interrupted') continue;
      expect(textOf(page)).toMatch(new RegExp(`^\\| +${code} \\| +\`?${kind}`, 'm'));
    }
    expect(textOf(page)).toContain('130 / 143');
  });

  it('has the two commands', () => {
    expect(textOf(page)).toContain('npm run demo');
    expect(textOf(page)).toContain('npm test');
  });
});

it('both languages have the same blocks of commands', () => {
  const commands = (page: string) =>
    [...textOf(page).matchAll(/^```sh.*\n([\s\S]*?)^```$/gm)].map((block) =>
      (block[1] ?? '').replace(/^#.*\n/gm, '').replace(/ +#.*$/gm, ''),
    );
  expect(commands('README.zh.md')).toEqual(commands('README.md'));
});

it('the architecture has a sentence for each dependency', () => {
  const { devDependencies } = JSON.parse(textOf('package.json')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const page = textOf('docs/architecture.md');
  expect(Object.keys(devDependencies).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

it('the flags that are said to work as in the nats CLI do', () => {
  const accepted = new Set(
    manifestCommands().flatMap(([, command]) =>
      Object.values(command.flags).flatMap(({ name, char, aliases = [] }) => [
        `--${name}`,
        `-${char ?? ''}`,
        ...aliases.map((alias) => `--${alias}`),
      ]),
    ),
  );
  const said = [...textOf('docs/from-nats-cli.md').matchAll(/\[(`-[^\]]*)\]/g)].flatMap((bracket) =>
    [...(bracket[1] ?? '').matchAll(/`(-[\w-]+)/g)].map((flag) => flag[1] ?? ''),
  );
  expect(said.length).toBeGreaterThan(8);
  expect(said.filter((flag) => !accepted.has(flag))).toEqual([]);
});
