import { closestNames } from '../core/closest-names.js';
import { NatsxError, usageError } from '../core/errors.js';
import { agree } from '../core/wording.js';

/** The parts of oclif's parse errors that natsx reads; their shapes differ. */
interface OclifFailure extends Error {
  readonly oclif?: { readonly exit?: number };
  readonly flags?: readonly string[];
  readonly args?: readonly unknown[];
  readonly parse?: {
    readonly input?: { readonly flags?: Readonly<Record<string, { readonly hidden?: boolean }>> };
    readonly output?: { readonly nonExistentFlags?: readonly string[] };
  };
}

interface OclifArgument {
  readonly name: string;
  readonly description?: string;
}

const FLAG_VALUE = /^Parsing --(\S+) \n\t([\s\S]*?)\nSee more help with --help$/;
const NOT_FOUND = /^command (\S+) not found\.?$/i;
const ARGUMENTS_HINT = '--help shows what this command takes';
/** oclif throws a plain error for an argument that is not an integer. */
const NO_INTEGER = /^Expected an integer (?:.* )?but received: /;

/**
 * Turns oclif's parse errors into one sentence; returns other errors unchanged.
 *
 * @param commandIds ids of all commands, topics separated by a colon
 */
export function explainParseFailure(error: unknown, commandIds: readonly string[]): unknown {
  if (!(error instanceof Error)) return error;
  const flagValue = FLAG_VALUE.exec(error.message);
  if (flagValue !== null) return badFlagValue(error, flagValue[1] ?? '', flagValue[2] ?? '');
  if (error instanceof NatsxError) return error;
  if (NO_INTEGER.test(error.message)) return usageError(oneSentence(error.message), ARGUMENTS_HINT);
  const failure: OclifFailure = error;
  return failure.oclif === undefined ? error : explainOclif(failure, commandIds);
}

function explainOclif(failure: OclifFailure, commandIds: readonly string[]): NatsxError {
  const missing = NOT_FOUND.exec(failure.message);
  if (missing?.[1] !== undefined) return unknownCommand(missing[1], commandIds);
  const unknownFlags = failure.flags ?? failure.parse?.output?.nonExistentFlags ?? [];
  if (unknownFlags.length > 0) return unknownFlag(unknownFlags, failure);
  if (/^Missing \d+ required arg/.test(failure.message)) return missingArguments(failure);
  const misfit = flagsThatDoNotFit(failure.message);
  if (misfit !== undefined) return misfit;
  return usageError(oneSentence(failure.message), ARGUMENTS_HINT);
}

function badFlagValue(error: Error, flag: string, sentence: string): NatsxError {
  const hint = error instanceof NatsxError ? error.hint : undefined;
  const kind = error instanceof NatsxError ? error.kind : 'usage';
  return new NatsxError(kind, `--${flag}: ${inLowerCase(sentence)}`, { hint, cause: error.cause });
}

function unknownCommand(id: string, commandIds: readonly string[]): NatsxError {
  if (id.startsWith('-')) return commandMissing(/^[^=:]*/.exec(id)?.[0] ?? id);
  const [first = '', second, ...rest] = id.split(':');
  if (second !== undefined && commandIds.includes(first)) {
    const extra = [second, ...rest].join(' ');
    return usageError(`unexpected argument: ${extra}`, ARGUMENTS_HINT);
  }
  // oclif takes all words as the name of a command; those after the mistyped one are probably arguments.
  const isTopic = commandIds.some((one) => one.startsWith(`${first}:`));
  const typed = isTopic && second !== undefined ? `${first}:${second}` : first;
  const nearest = nearestCommands(typed, commandIds);
  const hint =
    nearest.length > 0
      ? `did you mean natsx ${nearest.join(' or natsx ')}?`
      : 'natsx --help lists them';
  return usageError(`there is no command "${typed.replaceAll(':', ' ')}"`, hint);
}

function commandMissing(flag: string): NatsxError {
  return usageError(
    `the command is missing before ${flag}`,
    `write natsx COMMAND ${flag}; natsx --help lists the commands`,
  );
}

/** After an existing topic only the rest can be mistyped; otherwise the topic itself may be. */
function nearestCommands(id: string, commandIds: readonly string[]): readonly string[] {
  const [topic = '', ...rest] = id.split(':');
  const siblings = commandIds.filter((one) => one.startsWith(`${topic}:`));
  if (rest.length > 0 && siblings.length > 0) {
    const names = siblings.map((one) => one.slice(topic.length + 1));
    return closestNames(rest.join(':'), names).map((name) => `${topic} ${name}`);
  }
  const known = new Set(commandIds.flatMap((one) => [one, one.split(':')[0] ?? '']));
  return closestNames(id, known).map((name) => name.replaceAll(':', ' '));
}

function unknownFlag(words: readonly string[], failure: OclifFailure): NatsxError {
  const known = Object.entries(failure.parse?.input?.flags ?? {}).flatMap(([name, flag]) =>
    flag.hidden === true ? [] : [name],
  );
  return unknownFlagError(words, known);
}

function unknownFlagError(words: readonly string[], known: readonly string[]): NatsxError {
  const given = words.map((word) => word.replace(/=.*$/s, ''));
  const nearest = given.flatMap((flag) => closestNames(flag.replace(/^-+/, ''), known)).slice(0, 3);
  const hint =
    nearest.length > 0
      ? `did you mean ${nearest.map((name) => `--${name}`).join(' or ')}?`
      : '--help lists the flags of this command';
  return usageError(`unknown ${agree(given.length, 'flag', 'flags')} ${given.join(', ')}`, hint);
}

/** The part of oclif's flag definition that matters here. */
interface KnownFlag {
  readonly type: 'boolean' | 'option';
  readonly char?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly allowNo?: boolean | undefined;
  readonly hidden?: boolean | undefined;
}

/**
 * The flags that the command does not have. oclif reads the value after an unknown flag as an argument, and if it does
 * not fit the argument, reports only that.
 */
export function unknownFlagsIn(
  argv: readonly string[],
  flags: Readonly<Record<string, KnownFlag>>,
): NatsxError | undefined {
  const takesValue = new Map(
    Object.entries(flags).flatMap(([name, flag]) => {
      const long = [name, ...(flag.aliases ?? [])].map((one) => `--${one}`);
      const no = flag.allowNo === true ? [`--no-${name}`] : [];
      const short = flag.char === undefined ? [] : [`-${flag.char}`];
      return [...long, ...no, ...short].map((one) => [one, flag.type === 'option'] as const);
    }),
  );
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const unknown = words.filter(
    (word, at) =>
      /^--[a-z]/i.test(word) &&
      !takesValue.has(word.replace(/=.*$/s, '')) &&
      takesValue.get(words[at - 1] ?? '') !== true,
  );
  if (unknown.length === 0) return undefined;
  return unknownFlagError(
    [...new Set(unknown)],
    Object.entries(flags).flatMap(([name, { hidden }]) => (hidden === true ? [] : [name])),
  );
}

const EXCLUSIVE = /^ *--([\w-]+)(?:=.*)? cannot also be provided when using --([\w-]+)$/m;
const REQUIRED = /^ *Missing required flag ([\w-]+)$/m;
const DEPENDENT = /^ *(?:All|One) of the following must be provided when using --([\w-]+): (.+)$/m;

/** oclif reports all of several problems, some of them twice; one at a time is enough. */
function flagsThatDoNotFit(message: string): NatsxError | undefined {
  const plain = withoutColours(message);
  const [, second, first] = EXCLUSIVE.exec(plain) ?? [];
  if (first !== undefined && second !== undefined) {
    return usageError(
      `--${first} and --${second} cannot be used together`,
      'leave one of them out',
    );
  }
  const [, required] = REQUIRED.exec(plain) ?? [];
  if (required !== undefined)
    return usageError(`--${required} is missing`, '--help shows what it takes');
  const [, flag, needed] = DEPENDENT.exec(plain) ?? [];
  if (flag === undefined || needed === undefined) return undefined;
  const others = needed.split(/, ?/).join(' or ');
  return usageError(`--${flag} needs ${others}`, `add ${others}`);
}

function missingArguments(failure: OclifFailure): NatsxError {
  const missing = (failure.args ?? []) as readonly OclifArgument[];
  const named = missing.map(({ name }) => name.toUpperCase());
  const names = [named.slice(0, -1).join(', '), ...named.slice(-1)].filter(Boolean).join(' and ');
  const about = missing.length === 1 ? missing[0]?.description : undefined;
  return usageError(
    `${names} ${agree(missing.length, 'is', 'are')} missing${about === undefined ? '' : `: ${about}`}`,
    ARGUMENTS_HINT,
  );
}

function withoutColours(message: string): string {
  return message.replace(/\u001b\[[0-9;]*m/g, '');
}

/** oclif's messages have several lines and colours. */
function oneSentence(message: string): string {
  const sentence = withoutColours(message)
    .replace(/\nSee more help with --help$/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return inLowerCase(sentence);
}

/** A flag or a value keeps its case. */
function inLowerCase(sentence: string): string {
  return /^[A-Z][a-z]/.test(sentence)
    ? sentence.charAt(0).toLowerCase() + sentence.slice(1)
    : sentence;
}
