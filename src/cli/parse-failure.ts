import { closestNames } from '../domain/closest-names.js';
import { NatsxError, usageError } from '../domain/errors.js';

/** What natsx needs to know of oclif's parse errors; they differ in shape more than in meaning. */
interface OclifFailure extends Error {
  readonly oclif?: { readonly exit?: number };
  readonly flags?: readonly string[];
  readonly args?: readonly unknown[];
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
}

const FLAG_VALUE = /^Parsing --(\S+) \n\t([\s\S]*?)\nSee more help with --help$/;
const NOT_FOUND = /^command (\S+) not found$/;

/**
 * Says in one sentence what oclif did not accept; every other error is returned as it is.
 *
 * @param commandIds ids of all commands, topics separated by a colon
 */
export function explainParseFailure(error: unknown, commandIds: readonly string[]): unknown {
  if (!(error instanceof Error)) return error;
  const flagValue = FLAG_VALUE.exec(error.message);
  if (flagValue !== null) return badFlagValue(error, flagValue[1] ?? '', flagValue[2] ?? '');
  if (error instanceof NatsxError) return error;
  const failure = error as OclifFailure;
  if (failure.oclif === undefined) return error;
  const missing = NOT_FOUND.exec(error.message);
  if (missing?.[1] !== undefined) return unknownCommand(missing[1], commandIds);
  if (error.message.startsWith('Nonexistent flag')) return unknownFlag(failure);
  return usageError(oneSentence(error.message), 'natsx COMMAND --help shows what it takes');
}

function badFlagValue(error: Error, flag: string, sentence: string): NatsxError {
  const hint = error instanceof NatsxError ? error.hint : undefined;
  const kind = error instanceof NatsxError ? error.kind : 'usage';
  return new NatsxError(kind, `--${flag}: ${sentence}`, { hint, cause: error.cause });
}

function unknownCommand(id: string, commandIds: readonly string[]): NatsxError {
  const typed = id.replaceAll(':', ' ');
  // A topic such as `context` is a good guess too.
  const known = new Set(
    commandIds.flatMap((one) => [one.replaceAll(':', ' '), one.split(':')[0] ?? '']),
  );
  const nearest = closestNames(typed, known);
  const hint =
    nearest.length > 0
      ? `did you mean natsx ${nearest.join(' or natsx ')}?`
      : 'natsx --help lists them';
  return usageError(`there is no command "${typed}"`, hint);
}

function unknownFlag(failure: OclifFailure): NatsxError {
  const given = failure.flags ?? [];
  const known = Object.keys(failure.parse?.input?.flags ?? {});
  const nearest = given.flatMap((flag) => closestNames(flag.replace(/^-+/, ''), known)).slice(0, 3);
  const hint =
    nearest.length > 0
      ? `did you mean ${nearest.map((name) => `--${name}`).join(' or ')}?`
      : '--help lists the flags of this command';
  return usageError(`unknown flag ${given.join(', ')}`, hint);
}

/** oclif's messages run over several lines, with colours in them. */
function oneSentence(message: string): string {
  return message
    .replace(/\nSee more help with --help$/, '')

    .replace(/\u001b\[[0-9;]*m/g, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}
