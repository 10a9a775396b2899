import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const source = join(root, 'src');

/** Words that are capitals by themselves. */
const names = /^(JetStream|NATS|Nats-|Node|Ctrl|Nagios|Prometheus|[A-Z0-9_-]{2,}\b)/;

interface Sentence {
  readonly place: string;
  readonly text: string;
}

const treeOf = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(join(source, file), 'utf8'), ts.ScriptTarget.Latest, true);

/** Every text of several words: what views, help, notices, errors and hints are made of. */
function textsOf(file: string): readonly Sentence[] {
  const tree = treeOf(file);
  const found: Sentence[] = [];
  const visit = (node: ts.Node): void => {
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
    const text = isText ? literalText(node) : undefined;
    if (text !== undefined && /[a-z]{2,} [a-z…]/i.test(text)) {
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
      found.push({ place: `src/${file}:${line + 1}`, text });
    }
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

/** The first and last literal parts of what is said: messages of errors, and hints. */
function sentencesOf(file: string): readonly Sentence[] {
  const tree = treeOf(file);
  const found: Sentence[] = [];
  const add = (node: ts.Expression | undefined): void => {
    const said = node === undefined ? undefined : literalText(node);
    if (node === undefined || said === undefined || said === '') return;
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
    found.push({ place: `${file}:${line + 1}`, text: said });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'NatsxError') {
      add(node.arguments?.[1]);
    }
    if (ts.isCallExpression(node) && node.expression.getText() === 'usageError') {
      node.arguments.forEach(add);
    }
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'hint') add(node.initializer);
    if (ts.isVariableDeclaration(node) && /(^|_)HINTS?$/.test(node.name.getText())) {
      add(node.initializer);
    }
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

/** What is written down of a text; `…` stands for what is filled in. */
function literalText(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join('…');
  }
  if (ts.isBinaryExpression(node)) {
    return `${literalText(node.left) ?? '…'}${literalText(node.right) ?? '…'}`;
  }
  return undefined;
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const sentences = files.flatMap(sentencesOf);

it('finds what errors say', () => {
  expect(sentences.length).toBeGreaterThan(100);
});

it('errors and hints begin in lower case', () => {
  const capital = sentences.filter(({ text }) => /^[A-Z]/.test(text) && !names.test(text));
  expect(capital.map(({ place, text }) => `${place} ${text}`)).toEqual([]);
});

it('errors and hints end without a full stop', () => {
  const stopped = sentences.filter(({ text }) => /[^.]\.$/.test(text));
  expect(stopped.map(({ place, text }) => `${place} ${text}`)).toEqual([]);
});

/** Words that natsx does not use, each with a sentence that has it and what to write instead. */
const AVOIDED: readonly (readonly [RegExp, bad: string, instead: string])[] = [
  [
    /(?<!\bthere )\b(is|are|was|were) no (?!longer\b|more\b)/i,
    'this is no stream',
    'is not a; there is no',
  ],
  [/\bso (many|much|long|often)\b/i, 'wait for so long', 'N, this long'],
  [/\bsuch a share\b/i, 'lose such a share', 'this share'],
  [/\b(tells?|told|telling)\b/i, 'the loss is told', 'report, print, warn, detect, show'],
  [/\banew\b/i, 'made anew', 'again; recreate'],
  [/\bmend(s|ed)?\b/i, 'mended in 2.11', 'fix'],
  [/\bspoilt\b/i, 'a spoilt file', 'damaged, corrupted'],
  [/\ban own\b|\bown ones?\b/i, 'an own stream', 'a separate, a temporary'],
  [/\bstands?\b/i, 'once the subscription stands', 'is, exists'],
  [/\bin force\b/i, 'the settings in force', 'effective, current'],
  [/\b(some|no|any|every)body\b/i, 'nobody listens', 'a client, no client'],
  [
    /\b(comes?|came)\b(?! (from|with|before|after|first|second)\b)/i,
    'fail when none comes in time',
    'arrive',
  ],
  [/\bfor ever\b/i, 'reconnect for ever', 'forever, indefinitely'],
  [
    /\b(makes?|making) (a|an|the|its|no|new) (\w+ )?(consumer|stream|context|file|message)s?\b/i,
    'makes a consumer',
    'create',
  ],
  [/\b(consumer|stream|context|file)s? (is|are|was|were) made\b/i, 'the stream is made', 'create'],
  [/\b(all of them|the whole stream) without\b/i, 'all of them without', '[default: …]'],
  [/\bbear(s|ing)?\b/i, 'which bear a failure', 'tolerate'],
  [/\bswallow/i, 'it swallows messages', 'lose, ignore'],
  [/\bknows? no\b/i, 'the server knows no such key', 'does not support, does not know'],
  [/\b(quicker|as quickly as)\b/i, 'read quicker', 'faster'],
  [/\bgot\b/i, 'it got no messages', 'received'],
  [/\bwithout a word\b/i, 'it is dropped without a word', 'without an error, silently'],
  [/\bin words\b/i, 'says in words what failed', 'describes'],
  [/\blook(s|ed)? closer\b/i, 'look closer', 'open, see the details'],
  [/\b\d+ (%|ms|s|min)(?![\w/])/, 'after 30 s', '30s, 12%'],
];

const WORDS_OF_PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];

/** The places of a text that have a word to avoid; what is in backticks is not English. */
function avoidedIn({ place, text }: Sentence): readonly string[] {
  const prose = text.replaceAll(/`[^`]*`/g, '`…`');
  return AVOIDED.flatMap(([pattern, , instead]) => {
    const found = pattern.exec(prose);
    return found === null ? [] : [`${place} "${found[0].trim()}" (${instead}): ${prose.trim()}`];
  });
}

/** Paragraphs, rows of tables and items of lists, outside of blocks of code. */
function proseOf(page: string): readonly Sentence[] {
  const fenced = /^( *)```[^]*?^\1```$/gm;
  const lines = readFileSync(join(root, page), 'utf8')
    .replaceAll(fenced, (block) => block.replaceAll(/[^\n]/g, ''))
    .split('\n');
  const found: { place: string; text: string }[] = [];
  lines.forEach((line, index) => {
    const previous = found.at(-1);
    const begins = /^(\s*([-*]|\d+\.) |[|#])/.test(line) || (lines[index - 1] ?? '').trim() === '';
    if (line.trim() === '') return;
    if (begins || previous === undefined) found.push({ place: `${page}:${index + 1}`, text: line });
    else previous.text += ` ${line.trim()}`;
  });
  return found;
}

const markdownIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `${folder}/${file}`);

it.each(AVOIDED)('%s finds "%s"', (_pattern, bad) => {
  expect(avoidedIn({ place: 'here', text: bad })).toHaveLength(1);
});

it.each([
  'there is no server',
  'it is no longer there',
  'where each value comes from',
  'say `nobody` in code',
])('"%s" is English', (text) => {
  expect(avoidedIn({ place: 'here', text })).toEqual([]);
});

it.each([...WORDS_OF_PAGES, ...markdownIn('docs'), ...markdownIn('.changeset')])(
  '%s has no word that natsx avoids',
  (page) => {
    const prose = proseOf(page);
    expect(prose.length).toBeGreaterThan(0);
    expect(prose.flatMap(avoidedIn)).toEqual([]);
  },
);

it.each(files)('src/%s has no word that natsx avoids', (file) => {
  expect(textsOf(file).flatMap(avoidedIn)).toEqual([]);
});

it('finds texts in most files', () => {
  expect(files.flatMap(textsOf).length).toBeGreaterThan(2000);
});

it('the topics of help have no word that natsx avoids', () => {
  const { oclif } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly oclif: {
      readonly topics: Readonly<Record<string, { readonly description: string }>>;
    };
  };
  const topics = Object.entries(oclif.topics).map(([place, { description: text }]) => ({
    place,
    text,
  }));
  expect(topics.length).toBeGreaterThan(0);
  expect(topics.flatMap(avoidedIn)).toEqual([]);
});
