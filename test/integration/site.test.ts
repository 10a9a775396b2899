import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';

import { buildSite } from '../../scripts/site.mjs';
import { manifestCommands } from '../support/manifest.js';
import { temporaryFolder } from '../support/shut-down.js';

const folder = temporaryFolder('site');
const texts = new Map<string, string>();

beforeAll(async () => {
  for (const page of await buildSite(folder))
    texts.set(page, readFileSync(join(folder, page), 'utf8'));
});

it('has a page for each command, and the guides', () => {
  const commands = manifestCommands().map(
    ([words]) => `command-${words.replaceAll(' ', '-')}.html`,
  );
  expect([...texts.keys()]).toEqual(
    expect.arrayContaining([...commands, 'index.html', 'index.zh.html', 'recipes.html']),
  );
});

it('has no dead link: neither a page, nor an anchor, nor a picture is missing', () => {
  const anchors = (page: string): readonly string[] =>
    [...(texts.get(page) ?? '').matchAll(/ id="([^"]+)"/g)].map(([, id]) => id ?? '');
  const dead = [...texts].flatMap(([page, html]) =>
    [...html.matchAll(/ (?:href|src)="([^"]*)"/g)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [file = '', anchor] = decodeURI(target).split('#');
      const to = file === '' ? page : file;
      const isThere =
        existsSync(join(folder, to)) && (anchor === undefined || anchors(to).includes(anchor));
      return isThere ? [] : [`${page}: ${target}`];
    }),
  );
  expect(dead).toEqual([]);
});

it('links to each section from the search', () => {
  const source = readFileSync(join(folder, 'search-data.js'), 'utf8');
  const sections = JSON.parse(source.slice(source.indexOf('['), source.lastIndexOf(';'))) as {
    readonly id: string;
    readonly title: string;
  }[];
  expect(sections.length).toBeGreaterThan(texts.size);
  for (const { id } of sections) {
    const [page = '', anchor] = id.split('#');
    const html = texts.get(page);
    if (anchor === undefined) expect(html).toBeDefined();
    else expect(html).toContain(` id="${anchor}"`);
  }
});
