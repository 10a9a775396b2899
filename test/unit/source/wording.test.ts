import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../../src');

/** Words that are capitals by themselves. */
const names = /^(JetStream|NATS|Nats-|Node|Ctrl|Nagios|Prometheus|[A-Z0-9_-]{2,}\b)/;

interface Sentence {
  readonly place: string;
  readonly text: string;
}

/** The first and last literal parts of what is said: messages of errors, and hints. */
function sentencesOf(file: string): readonly Sentence[] {
  const text = readFileSync(join(source, file), 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
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

const sentences = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap(sentencesOf);

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
