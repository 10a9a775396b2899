import { connectionFlags } from './connection-flags.js';
import { synonym, workerLine } from './nats-cli-words.js';
import { outputFlags } from './output-flags.js';
import { SERVE_ANYWHERE } from './repeat-line.js';

/**
 * Commands that print their help for the argument `help`: topics, commands whose argument is the name of something that
 * is not called "help", and `pub`, which would publish an empty message (`natsx pub help ''` still does).
 */
const TAKES_HELP: ReadonlySet<string> = new Set([
  'pub',
  'backlog',
  'doctor',
  'bundle',
  'bench',
  'verify',
  'stream',
  'consumer',
  'context',
]);

/** The part of oclif's flag definition that matters here. */
interface FlagShape {
  readonly type: 'boolean' | 'option';
  readonly char?: string;
  readonly aliases?: readonly string[];
}

/** The flags that every command has, as typed, each with whether it takes a value. */
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
 * Turns a command line as people type it into one that oclif understands: flags before the command
 * (`natsx --context prod stream ls`), names of the nats CLI (`natsx str list`), `natsx help pub`, `natsx backlog help`,
 * `natsx version`.
 *
 * @param commandIds ids of all commands, topics separated by a colon
 */
export function oclifCommandLine(argv: readonly string[], commandIds: readonly string[]): string[] {
  const { command, flags, rest } = takenApart(argv, commandIds);
  const worker = workerLine(command, rest);
  if (worker !== undefined) return ['sub', ...flags, ...worker];
  const [first = '', ...others] = command;
  if (first === 'help') return [...others, ...rest, '--help'];
  // Other commands take the word as an argument.
  const asksForHelp = rest.length === 1 && rest[0] === 'help';
  if (asksForHelp && others.length === 0 && TAKES_HELP.has(first)) return [first, '--help'];
  if (first === 'version' && rest.length === 0) return ['--version', ...flags];
  // The error names the word that was meant as a command.
  const isWhole = commandIds.includes(command.join(':'));
  const mistyped = isWhole || rest[0]?.startsWith('-') === true ? [] : rest.slice(0, 1);
  const words = rest.slice(mistyped.length);
  return [
    ...command,
    ...mistyped,
    ...flags,
    ...(SERVES.has(first) ? filledServeFlag(words) : words),
  ];
}

/** Commands with a live page. */
const SERVES: ReadonlySet<string> = new Set(['backlog', 'bench']);

/** `--serve` may stand alone. What follows it is its address only if it has a colon; otherwise it is an argument. */
function filledServeFlag(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  const at = words.indexOf('--serve');
  if (at === -1 || (end !== -1 && end < at)) return words;
  const next = words[at + 1];
  if (next?.includes(':') === true && !next.startsWith('-')) return words;
  return words.with(at, SERVE_ANYWHERE);
}

interface CommandLine {
  /** The words of a command or a topic; empty if there is none. */
  readonly command: readonly string[];
  /** Common flags that were typed before the command, between its words, or right after it. */
  readonly flags: readonly string[];
  readonly rest: readonly string[];
}

function takenApart(argv: readonly string[], commandIds: readonly string[]): CommandLine {
  const flags: string[] = [];
  let command: readonly string[] = [];
  const exists = (words: readonly string[]): boolean => continues(words, commandIds);
  let at = 0;
  for (;;) {
    const length = commonFlagLength(argv, at);
    const word = argv[at];
    const known = word !== undefined && exists([...command, word]);
    const other = known ? undefined : synonym(command, argv.slice(at), exists);
    if (length > 0) flags.push(...argv.slice(at, at + length));
    else if (known) command = [...command, word];
    else if (other !== undefined) command = other.command;
    else return { command, flags, rest: argv.slice(at) };
    at += Math.max(length, other?.length ?? 1);
  }
}

/** How many words the common flag at this position takes; 0 if there is none. */
function commonFlagLength(argv: readonly string[], at: number): number {
  const word = argv[at] ?? '';
  const [name = ''] = word.split('=', 1);
  const takesValue = TAKES_VALUE.get(name);
  if (takesValue !== undefined && name === word) return takesValue ? 2 : 1;
  if (takesValue === true && name.startsWith('--')) return 1;
  // The value can follow the letter directly: -snats://host
  return /^-\w./.test(word) && TAKES_VALUE.get(word.slice(0, 2)) === true ? 1 : 0;
}

/** Whether these words are a command or the beginning of one. */
function continues(words: readonly string[], commandIds: readonly string[]): boolean {
  const id = words.join(':');
  if (id === 'help' || id === 'version') return true;
  return commandIds.some((one) => one === id || one.startsWith(`${id}:`));
}
