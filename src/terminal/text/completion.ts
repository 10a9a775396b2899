/** A command as a shell completes it. */
export interface CompletionCommand {
  /** What a user types, such as `context ls`. */
  readonly words: string;
  readonly summary: string;
  /** The values of its arguments in their order; the last one is repeated if it takes several words. */
  readonly args: readonly CompletionValue[];
  readonly repeats: boolean;
  readonly flags: readonly CompletionFlag[];
}

export interface CompletionFlag {
  readonly name: string;
  readonly char: string | undefined;
  readonly summary: string;
  /** `undefined`: it takes no value. */
  readonly value: CompletionValue | undefined;
}

/** What can be completed: something to look up, a file, a list of words; an empty list is nothing at all. */
export type CompletionValue =
  '@streams' | '@consumers' | '@contexts' | '@files' | readonly string[];

/** Tables that the functions of each shell read: rows of a key, which may be a pattern, and lines. */
export interface CompletionTables {
  /** The next words after a command or topic. */
  readonly words: readonly CompletionRow[];
  /** The flags of a command. */
  readonly flags: readonly CompletionRow[];
  /** The value of a flag, by command and flag, or by the flag alone for those that every command has. */
  readonly values: readonly CompletionRow[];
  /** The value of an argument, by command and position from 0. */
  readonly args: readonly CompletionRow[];
  /** Flags that decide which server is asked. */
  readonly connection: readonly string[];
}

export interface CompletionRow {
  readonly key: string;
  /** Words, each with its description after a tab if it has one. */
  readonly lines: readonly string[];
}

const MOST_REPEATS = 8;

/** @param topics first words that are not commands, with what help says about them */
export function completionTables(
  commands: readonly CompletionCommand[],
  topics: ReadonlyMap<string, string>,
  isConnection: (flag: string) => boolean,
): CompletionTables {
  const common = commonFlags(commands);
  const own = (command: CompletionCommand): readonly CompletionFlag[] =>
    command.flags.filter(({ name }) => !common.has(name));
  const shared = [...common.values()];
  return {
    words: wordRows(commands, topics),
    flags: [
      ...commands.map((command) => ({
        key: command.words,
        lines: own(command).flatMap(flagLines),
      })),
      { key: '*', lines: shared.flatMap(flagLines) },
    ].filter(({ lines }) => lines.length > 0),
    values: [
      ...commands.flatMap((command) =>
        own(command).flatMap((flag) => valueRows(flag, `${command.words} `)),
      ),
      ...shared.flatMap((flag) => valueRows(flag, '')),
    ],
    args: commands.flatMap(({ words, args, repeats }) => {
      const last = args.at(-1);
      const rows = args.map((value, at) => ({ key: `${words} ${at}`, lines: valueLines(value) }));
      if (!repeats || last === undefined) return rows;
      const more = Array.from({ length: MOST_REPEATS }, (_, at) => `${words} ${args.length + at}`);
      return [...rows, ...more.map((key) => ({ key, lines: valueLines(last) }))];
    }),
    connection: shared
      .filter(({ name, value }) => value !== undefined && isConnection(name))
      .flatMap(spellings),
  };
}

function commonFlags(commands: readonly CompletionCommand[]): ReadonlyMap<string, CompletionFlag> {
  const [first, ...others] = commands;
  const common = (first?.flags ?? []).filter(({ name }) =>
    others.every(({ flags }) => flags.some((flag) => flag.name === name)),
  );
  return new Map(common.map((flag) => [flag.name, flag]));
}

function wordRows(
  commands: readonly CompletionCommand[],
  topics: ReadonlyMap<string, string>,
): readonly CompletionRow[] {
  const rows = new Map<string, Map<string, string>>([['', new Map(topics)]]);
  for (const { words, summary } of commands) {
    const all = words.split(' ');
    const parent = all.slice(0, -1).join(' ');
    const row = rows.get(parent) ?? new Map<string, string>();
    rows.set(parent, row.set(all.at(-1) ?? '', summary));
  }
  return [...rows].map(([key, row]) => ({
    key,
    lines: [...row].sort().map(([word, summary]) => `${word}\t${summary}`),
  }));
}

function spellings({ name, char }: CompletionFlag): readonly string[] {
  return char === undefined ? [`--${name}`] : [`--${name}`, `-${char}`];
}

function flagLines(flag: CompletionFlag): readonly string[] {
  return [`--${flag.name}\t${flag.summary}`];
}

function valueRows(flag: CompletionFlag, prefix: string): readonly CompletionRow[] {
  const { value } = flag;
  if (value === undefined) return [];
  return spellings(flag).map((spelling) => ({
    key: `${prefix}${spelling}`,
    lines: valueLines(value),
  }));
}

function valueLines(value: CompletionValue): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
