import type { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';

import type { NatsxError } from '../core/errors.js';
import { errorJson, errorText } from './text/error-text.js';
import { wrapSentence } from './text/wrap-sentence.js';
import { createStyle } from './text/style.js';
import { wantsColour } from './colour.js';
import { explainBenchWords } from './bench-words.js';
import { oclifCommandLine } from './command-line.js';
import { exitCodeOf } from './exit-codes.js';
import { asNatsxError } from './failure.js';
import { StopRequest } from './lifecycle.js';
import { explainNatsCliWords } from './nats-cli-words.js';
import { explainParseFailure } from './parse-failure.js';
import type { KnownCommand, Program } from './program.js';
import { configOfAll, configOfOne } from './program.js';

/** Commands that read all commands; the others start without them. */
const NEEDS_ALL: ReadonlySet<string> = new Set(['autocomplete']);

/** Commands are one word, or a topic and a word. */
const MOST_COMMAND_WORDS = 2;

/**
 * Runs one command line to its exit: the only place where errors are printed and the exit code is set.
 */
export async function main(argv: readonly string[], program: Program): Promise<void> {
  process.on('uncaughtException', (error) => void exit(report(error, argv)));
  const commandIds = [...program.commands.keys()];
  const words = oclifCommandLine(argv, commandIds);
  const explained = (error: unknown): unknown =>
    explainNatsCliWords(
      explainBenchWords(explainParseFailure(error, commandIds), words, commandIds),
      words,
      commandIds,
    );
  try {
    const known = knownCommand(words, program);
    if (known === undefined) await runOclif(words, await configOfAll(program));
    else await runKnown(known.command, known.rest, program);
    await exit(Number(process.exitCode ?? 0));
  } catch (error) {
    await exit(isExit(error) ?? report(explained(error), argv));
  }
}

/** The command that the words name; undefined where oclif must print help or an error. */
function knownCommand(
  words: readonly string[],
  { commands }: Program,
): { readonly command: KnownCommand; readonly rest: readonly string[] } | undefined {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  if (words.slice(0, end).some((word) => word === '--help' || word === '-h')) return undefined;
  for (let length = MOST_COMMAND_WORDS; length > 0; length--) {
    const command = commands.get(words.slice(0, length).join(':'));
    if (command === undefined || words.length < length) continue;
    const rest = words.slice(length);
    // oclif takes a word after a command without arguments as a part of its name.
    if (NEEDS_ALL.has(command.id)) return undefined;
    const isNamed = command.takesArguments || rest[0] === undefined || rest[0].startsWith('-');
    return isNamed ? { command, rest } : undefined;
  }
  return undefined;
}

/** What oclif's `run` does, without searching for the command. */
async function runKnown(
  { id, load }: KnownCommand,
  argv: readonly string[],
  program: Program,
): Promise<void> {
  const { default: command } = await load();
  command.id = id;
  const Runnable = command as unknown as new (
    argv: readonly string[],
    config: Config,
  ) => { _run(): Promise<unknown> };
  await new Runnable(argv, configOfOne(program))._run();
}

/** oclif; natsx prints the version itself: it knows other runtimes than Node.js, and JSON. */
async function runOclif(argv: readonly string[], config: Config): Promise<void> {
  const [first, ...rest] = argv;
  const isVersion =
    first === '--version' ||
    config.pjson.oclif.additionalVersionFlags?.includes(first ?? '') === true;
  if (!isVersion) await run([...argv], config);
  else process.stdout.write(`${versionText(config, rest.includes('--json'))}\n`);
}

function versionText({ name, version, platform, arch }: Config, json: boolean): string {
  const { node, bun } = process.versions;
  if (json)
    return JSON.stringify({ version, node, ...(bun !== undefined && { bun }), platform, arch });
  return `${name}/${version} ${platform}-${arch} ${bun === undefined ? `node-v${node}` : `bun-v${bun}`}`;
}

/** oclif's way to exit with a code is an exception without a message. */
function isExit(error: unknown): number | undefined {
  const oclif = (
    error as { readonly code?: string; readonly oclif?: { readonly exit?: number } } | null
  )?.oclif;
  return (error as { readonly code?: string } | null)?.code === 'EEXIT'
    ? (oclif?.exit ?? 0)
    : undefined;
}

function report(error: unknown, argv: readonly string[]): number {
  const stop = stopRequestOf(error);
  if (stop !== undefined) return stop.exitCode;
  const failure = asNatsxError(error);
  process.stderr.write(`${failureText(failure, argv)}\n`);
  return exitCodeOf(failure.kind, failure.details?.['signal'] as NodeJS.Signals | undefined);
}

/** Node.js's own waits wrap the reason of an abort. */
function stopRequestOf(error: unknown): StopRequest | undefined {
  if (error instanceof StopRequest) return error;
  return error instanceof Error && error.cause instanceof StopRequest ? error.cause : undefined;
}

function failureText(failure: NatsxError, argv: readonly string[]): string {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  if (words.includes('--json')) return errorJson(failure);
  const colour = !words.includes('--no-color') && wantsColour(process.stderr, process.env);
  const text = errorText(failure, createStyle(colour), { verbose: words.includes('--verbose') });
  return process.stderr.isTTY ? wrapSentence(text, process.stderr.columns) : text;
}

/** `process.exit` discards what a pipe has not taken yet. */
async function exit(code: number): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(drained));
  process.exit(code);
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
