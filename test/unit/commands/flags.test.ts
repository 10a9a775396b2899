import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Command } from '@oclif/core/command';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../../src/commands');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

describe.each(files)('%s', (file) => {
  it('has no flag that takes the arguments after it for more of its values', async () => {
    const module = (await import(pathToFileURL(join(folder, file)).href)) as {
      readonly default: Command.Class;
    };
    const flags = Object.entries({ ...module.default.baseFlags, ...module.default.flags });
    const greedy = flags.filter(
      ([, flag]) =>
        flag.type === 'option' && flag.multiple === true && flag.multipleNonGreedy !== true,
    );
    expect(greedy.map(([name]) => name)).toEqual([]);
  });
});
