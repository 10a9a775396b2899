#!/usr/bin/env node
/**
 * `node scripts/site.mjs [FOLDER]` builds the documentation site: README, the pages of `docs`, and one page for each
 * command, from the same data as `--help`; with a search that needs no server. Default folder: `release/site`.
 */
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import MarkdownIt from 'markdown-it';
import { flagGroups, flagLabel, readHelp, usageOf } from './help-data.mjs';
import { root } from './ready.mjs';

/**
 * @typedef {object} Page
 * @property {string} file name of the HTML file
 * @property {string} title
 * @property {string} menu heading of the menu that it stands below
 * @property {string} html
 * @property {Section[]} sections for the search
 * @property {string} [language]
 *
 * @typedef {object} Section
 * @property {string} id its address
 * @property {string} page
 * @property {string} title
 * @property {string} text
 */

/** Pages of the checkout outside of `docs`, and their names on the site. */
const outside = new Map([
  ['README.md', 'index.html'],
  ['README.zh.md', 'index.zh.html'],
  ['CONTRIBUTING.md', 'contributing.html'],
  ['SECURITY.md', 'security.html'],
  ['CHANGELOG.md', 'changelog.html'],
]);
const { escapeHtml: escaped } = new MarkdownIt().utils;
const menus = ['natsx', 'Guides', 'Commands', 'Project'];
/** For the people who work on natsx. */
const internals = new Set(['architecture.md', 'fuzzing.md', 'nats-cli-lines.md']);

/**
 * @param {string} folder emptied first
 * @returns {Promise<string[]>} the names of the pages
 */
export async function buildSite(folder) {
  const help = await readHelp();
  const docs = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'));
  const pages = [
    ...[...outside].map(([file, name]) =>
      markdownPage(file, name, name.startsWith('index') ? 'natsx' : 'Project'),
    ),
    ...docs.map((file) =>
      markdownPage(
        `docs/${file}`,
        file.replace(/\.md$/, '.html'),
        internals.has(file) ? 'Project' : 'Guides',
      ),
    ),
    ...help.commands.map(commandPage),
  ];
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const page of pages) writeFileSync(join(folder, page.file), documentOf(page, pages));
  cpSync(join(root, 'docs', 'img'), join(folder, 'img'), { recursive: true });
  cpSync(join(root, 'scripts', 'site', 'style.css'), join(folder, 'style.css'));
  for (const file of copied) cpSync(join(root, file), join(folder, file));
  const sections = JSON.stringify(pages.flatMap((page) => page.sections));
  writeFileSync(join(folder, 'search-data.js'), `globalThis.natsxSections=${sections};\n`);
  await build({
    entryPoints: [join(root, 'scripts', 'site', 'search.mjs')],
    outfile: join(folder, 'search.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
  });
  return pages.map(({ file }) => file);
}

/** Files of the checkout that pages link to. @type {Set<string>} */
const copied = new Set();

/** @param {string} file @param {string} name @param {string} menu @returns {Page} */
function markdownPage(file, name, menu) {
  const markdown = new MarkdownIt({ html: true, linkify: false });
  const tokens = markdown.parse(readFileSync(join(root, file), 'utf8'), {});
  /** @type {Section[]} */
  const sections = [];
  /** @type {Map<string, number>} */
  const used = new Map();
  let title = name;
  for (const [index, token] of tokens.entries()) {
    const inline = tokens[index + 1];
    if (token.type === 'heading_open' && inline !== undefined) {
      const heading = plainText(inline);
      const slug = uniqueSlug(heading, used);
      token.attrSet('id', slug);
      if (token.tag === 'h1') title = heading;
      sections.push({ id: `${name}#${slug}`, page: '', title: heading, text: '' });
    } else if (token.type === 'inline') {
      const last = sections.at(-1);
      if (last !== undefined) last.text += ` ${plainText(token)}`;
      for (const child of token.children ?? []) redirect(child, file);
    } else if (token.type === 'fence') {
      // "sh illustration" is for the tests of the documentation.
      token.info = token.info.split(' ')[0] ?? '';
      const last = sections.at(-1);
      if (last !== undefined) last.text += ` ${token.content}`;
    }
  }
  for (const section of sections) section.page = title;
  const html = markdown.renderer
    .render(tokens, markdown.options, {})
    .replaceAll('<table>', '<div class="scroll" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>')
    .replaceAll('<pre>', '<pre tabindex="0">');
  return {
    file: name,
    title,
    menu,
    html,
    sections,
    ...(name.includes('.zh.') && { language: 'zh' }),
  };
}

/** @param {import('markdown-it').Token} token */
function plainText(token) {
  return (token.children ?? [])
    .map(({ type, content }) =>
      type === 'softbreak' ? ' ' : type === 'html_inline' ? '' : content,
    )
    .join('');
}

/** @param {string} heading @param {Map<string, number>} used @returns {string} as GitHub names its anchors */
function uniqueSlug(heading, used) {
  const slug = heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
  const count = used.get(slug) ?? 0;
  used.set(slug, count + 1);
  return count === 0 ? slug : `${slug}-${count}`;
}

/** Links to pages of the checkout lead to their pages on the site. @param {import('markdown-it').Token} token @param {string} file */
function redirect(token, file) {
  for (const name of ['href', 'src']) {
    const target = token.attrGet(name);
    if (target === null || /^[a-z]+:|^#/.test(String(target))) continue;
    const [path = '', anchor] = String(target).split('#');
    const full = join(file, '..', path).replaceAll('\\', '/');
    const page = outside.get(full) ?? full.replace(/^docs\//, '').replace(/\.md$/, '.html');
    if (/^contrib\//.test(full)) copied.add(full);
    token.attrSet(name, anchor === undefined ? page : `${page}#${anchor}`);
  }
}

/** @param {import('./help-data.mjs').HelpCommand} command @returns {Page} */
function commandPage(command) {
  const { words, summary, description, args, examples, flags, aliases } = command;
  const file = commandFile(words);
  const title = `natsx ${words}`;
  const list = (/** @type {readonly (readonly [string, string])[]} */ entries) =>
    `<dl>${entries.map(([label, about]) => `<dt>${escaped(label)}</dt><dd>${escaped(about)}</dd>`).join('')}</dl>`;
  const html = [
    `<h1>${escaped(title)}</h1>`,
    `<p><strong>${escaped(sentence(summary))}</strong></p>`,
    `<pre tabindex="0"><code>${escaped(usageOf(command))}</code></pre>`,
    ...description.split(/\n\n+/).map((paragraph) => `<p>${escaped(paragraph)}</p>`),
    ...(aliases.length === 0
      ? []
      : [
          `<p>Also: ${aliases.map((alias) => `<code>natsx ${escaped(alias)}</code>`).join(', ')}</p>`,
        ]),
    ...(examples.length === 0 ? [] : ['<h2 id="examples">Examples</h2>']),
    ...examples.map(
      ({ description: what, command: line }) =>
        `<p>${escaped(what)}:</p><pre tabindex="0"><code>${escaped(line)}</code></pre>`,
    ),
    ...(args.length === 0
      ? []
      : ['<h2 id="arguments">Arguments</h2>', list(args.map(({ label, text }) => [label, text]))]),
    ...flagGroups(flags).map(
      ([group, members]) =>
        `<h2 id="${escaped(group.toLowerCase().replaceAll(' ', '-'))}">${escaped(sentence(group.toLowerCase()))}</h2>${list(members.map((flag) => [flagLabel(flag), flag.text]))}`,
    ),
  ].join('\n');
  const own = flags.filter(({ group }) => group !== 'CONNECTION' && group !== 'OUTPUT');
  const text = [summary, description, ...own.map((flag) => `${flagLabel(flag)} ${flag.text}`)];
  const sections = [{ id: file, page: 'command', title, text: text.join(' ') }];
  return { file, title, menu: 'Commands', html, sections };
}

/** @param {string} words */
function commandFile(words) {
  return `command-${words.replaceAll(' ', '-')}.html`;
}

/** @param {Page} page @param {readonly Page[]} pages */
function documentOf(page, pages) {
  const link = (/** @type {Page} */ one) =>
    `<li><a href="${one.file}"${one.file === page.file ? ' aria-current="page"' : ''}>${escaped(menuTitle(one))}</a></li>`;
  return `<!doctype html>
<html lang="${page.language ?? 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(page.title)}${page.title === 'natsx' ? '' : ' · natsx'}</title>
<link rel="stylesheet" href="style.css">
<link rel="icon" href="data:,">
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<div class="page">
<nav aria-label="pages">
<a class="name" href="index.html">natsx</a>
<form class="search" hidden>
<label for="search">Search</label>
<input id="search" type="search" autocomplete="off">
<p id="search-status" role="status"></p>
<ol id="results"></ol>
</form>
${menus
  .map((menu) => {
    const members = pages.filter((one) => one.menu === menu).map(link);
    return `<h2>${menu}</h2><ul>${members.join('')}</ul>`;
  })
  .join('\n')}
</nav>
<main id="content">
${page.html}
</main>
</div>
<script src="search.js" defer></script>
</body>
</html>
`;
}

/** @param {Page} page */
function menuTitle({ file, title, menu }) {
  if (file === 'index.html') return 'Overview';
  return file === 'index.zh.html'
    ? '中文说明'
    : menu === 'Commands'
      ? title.replace('natsx ', '')
      : title;
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = process.argv[2] ?? join(root, 'release', 'site');
  const pages = await buildSite(folder);
  process.stdout.write(`${folder}: ${pages.length} pages\n`);
}
