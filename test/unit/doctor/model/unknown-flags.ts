import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../../scripts/ready.mjs';

interface CommandClass {
  readonly flags: Readonly<Record<string, { readonly aliases?: readonly string[] }>>;
  readonly baseFlags?: CommandClass['flags'];
}

/** What a command line of natsx has and no natsx takes; nothing for lines of other programs. */
export async function unknownFlags(line: string): Promise<readonly string[]> {
  const [, rest] = /(?:^|\| )natsx (.*)$/.exec(line) ?? [];
  if (rest === undefined) return [];
  const words = rest.match(/'[^']*'|\S+/g) ?? [];
  const command = await commandOf(words);
  if (command === undefined) return [`natsx ${words[0] ?? ''}`];
  const known = new Set(
    Object.entries({ ...command.baseFlags, ...command.flags }).flatMap(([name, flag]) => [
      `--${name}`,
      ...(flag.aliases ?? []).map((alias) => `--${alias}`),
    ]),
  );
  return words.filter((word) => word.startsWith('--') && !known.has(word));
}

/** `stream edit ORDERS …` is in `stream/edit.ts`, `backlog ORDERS …` in `backlog/index.ts`. */
async function commandOf(words: readonly string[]): Promise<CommandClass | undefined> {
  for (const path of [words.slice(0, 2).join('/'), `${words[0] ?? ''}/index`, words[0] ?? '']) {
    const file = join(root, 'src/commands', `${path}.ts`);
    if (!existsSync(file)) continue;
    return ((await import(file)) as { readonly default: CommandClass }).default;
  }
  return undefined;
}
