import { connectionFlags } from './connection-flags.js';
import { outputFlags } from './output-flags.js';

/**
 * Topics, and commands whose one argument is the name of something that is not called "help"; and `pub`, which would
 * publish a message without a body: `natsx pub help ''` still does.
 */
const TAKES_HELP: ReadonlySet<string> = new Set([
  'pub',
  'backlog',
  'doctor',
  'bench',
  'verify',
  'stream',
  'consumer',
  'context',
]);

/** What oclif declares of a flag, as far as it matters here. */
interface FlagShape {
  readonly type: 'boolean' | 'option';
  readonly char?: string;
  readonly aliases?: readonly string[];
}

/** The flags that every command has, by what is typed, each with whether a value follows. */
const TAKES_VALUE: ReadonlyMap<string, boolean> = new Map(
  Object.entries<FlagShape>({ ...connectionFlags, ...outputFlags }).flatMap(
    ([name, { type, char, aliases = [] }]) => {
      const spellings = [name, ...aliases].map((one) => `--${one}`);
      if (char !== undefined) spellings.push(`-${char}`);
      return spellings.map((one): [string, boolean] => [one, type === 'option']);
    },
  ),
);

/**
 * A command line as oclif wants it, from one as people type it: `natsx --context prod stream ls` with the flags in
 * front, `natsx help pub`, `natsx backlog help`, `natsx version`.
 *
 * @param commandIds ids of all commands, topics separated by a colon
 */
export function oclifCommandLine(argv: readonly string[], commandIds: readonly string[]): string[] {
  const { command, flags, rest } = takenApart(argv, commandIds);
  const [first = '', ...others] = command;
  if (first === 'help') return [...others, ...rest, '--help'];
  // No stream is called so, and a topic has no command of that name. Other commands take it as a word.
  const asksForHelp = rest.length === 1 && rest[0] === 'help';
  if (asksForHelp && others.length === 0 && TAKES_HELP.has(first)) return [first, '--help'];
  if (first === 'version' && rest.length === 0) return ['--version', ...flags];
  // What is not a command yet is told with the word that was meant to be one.
  const isWhole = commandIds.includes(command.join(':'));
  const mistyped = isWhole || rest[0]?.startsWith('-') === true ? [] : rest.slice(0, 1);
  return [...command, ...mistyped, ...flags, ...rest.slice(mistyped.length)];
}

interface CommandLine {
  /** The words that are a command, a topic, or nothing. */
  readonly command: readonly string[];
  /** Flags of every command that were typed before the command, between its words, or right behind it. */
  readonly flags: readonly string[];
  readonly rest: readonly string[];
}

function takenApart(argv: readonly string[], commandIds: readonly string[]): CommandLine {
  const flags: string[] = [];
  const command: string[] = [];
  let at = 0;
  for (;;) {
    const length = commonFlagLength(argv, at);
    const word = argv[at];
    if (length > 0) flags.push(...argv.slice(at, at + length));
    else if (word !== undefined && continues([...command, word], commandIds)) command.push(word);
    else return { command, flags, rest: argv.slice(at) };
    at += Math.max(length, 1);
  }
}

/** How many words of the command line the flag at this place takes; 0 where none of every command's is. */
function commonFlagLength(argv: readonly string[], at: number): number {
  const word = argv[at] ?? '';
  const [name = ''] = word.split('=', 1);
  const takesValue = TAKES_VALUE.get(name);
  if (takesValue !== undefined && name === word) return takesValue ? 2 : 1;
  if (takesValue === true && name.startsWith('--')) return 1;
  // A value can follow the letter at once: -snats://host
  return /^-\w./.test(word) && TAKES_VALUE.get(word.slice(0, 2)) === true ? 1 : 0;
}

/** Whether these words are a command, or the beginning of one. */
function continues(words: readonly string[], commandIds: readonly string[]): boolean {
  const id = words.join(':');
  if (id === 'help' || id === 'version') return true;
  return commandIds.some((one) => one === id || one.startsWith(`${id}:`));
}
