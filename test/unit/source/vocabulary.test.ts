import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../../src');

/** Names that a file declares and exports; of a command it is always its class. */
function exportedNames(file: string): readonly string[] {
  const text = readFileSync(join(source, file), 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  return tree.statements.flatMap((statement) => {
    if (!ts.canHaveModifiers(statement)) return [];
    const isExported = ts
      .getModifiers(statement)
      ?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    return isExported === true ? namesOf(statement) : [];
  });
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}

it('gives no two things the same exported name', () => {
  const files = readdirSync(source, { encoding: 'utf8', recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('commands'))
    .toSorted();
  const places = new Map<string, Set<string>>();
  for (const file of files) {
    for (const name of exportedNames(file)) {
      places.set(name, (places.get(name) ?? new Set()).add(file));
    }
  }
  const repeated = [...places].filter(([, found]) => found.size > 1);
  expect(places.size).toBeGreaterThan(1000);
  expect(repeated.map(([name, found]) => `${name}: ${[...found].join(', ')}`)).toEqual([]);
});
