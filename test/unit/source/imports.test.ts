import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../../src');

it('imports no private file of a dependency', () => {
  const files = readdirSync(source, { encoding: 'utf8', recursive: true }).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = files.flatMap((file) =>
    [...readFileSync(join(source, file), 'utf8').matchAll(/from '([^.'][^']*)'/g)].map(
      ([, name = '']) => `${file}: ${name}`,
    ),
  );
  expect(found.length).toBeGreaterThan(100);
  expect(found.filter((entry) => /: (@[^/]+\/)?[^/]+\/(lib|dist|src)\//.test(entry))).toEqual([]);
});
