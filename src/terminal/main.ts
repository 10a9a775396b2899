import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';

import type { NatsxError } from '../core/errors.js';
import { errorJson, errorText } from './text/error-text.js';
import { createStyle } from './text/style.js';
import { wantsColour } from './colour.js';
import { explainBenchWords } from './bench-words.js';
import { oclifCommandLine } from './command-line.js';
import { exitCodeOf } from './exit-codes.js';
import { asNatsxError } from './failure.js';
import { StopRequest } from './lifecycle.js';
import { explainNatsCliWords } from './nats-cli-words.js';
import { explainParseFailure } from './parse-failure.js';

/** Commands in the same file as this code, by the word that the user types. */
export type BundledCommands = ReadonlyMap<
  string,
  () => Promise<{ readonly default: Command.Class }>
>;

/**
 * Runs one command line to its exit: the only place where errors are printed and the exit code is set.
 *
 * @param root folder of the package, where `package.json` and the command manifest are
 * @param bundled commands that are already loaded with this file
 */
export async function main(
  argv: readonly string[],
  root: string,
  bundled: BundledCommands = new Map(),
): Promise<void> {
  process.on('uncaughtException', (error) => void exit(report(error, argv)));
  let commandIds: readonly string[] = [];
  let words = argv;
  const explained = (error: unknown): unknown =>
    explainNatsCliWords(
      explainBenchWords(explainParseFailure(error, commandIds), words, commandIds),
      words,
      commandIds,
    );
  try {
    const config = await Config.load({ root });
    commandIds = config.commandIDs;
    const load = bundled.get(argv[0] ?? '');
    words = oclifCommandLine(argv, commandIds);
    if (load === undefined) await runOclif(words, config);
    else await runBundled((await load()).default, argv, config);
    await exit(Number(process.exitCode ?? 0));
  } catch (error) {
    await exit(isExit(error) ?? report(explained(error), argv));
  }
}

/** What oclif's `run` does, without loading the configuration again and without searching for the command. */
async function runBundled(command: Command.Class, argv: readonly string[], config: Config) {
  const [id, ...rest] = argv;
  command.id = config.findCommand(id ?? '')?.id ?? command.id;
  const Runnable = command as unknown as new (
    argv: readonly string[],
    config: Config,
  ) => { _run(): Promise<unknown> };
  await new Runnable(rest, config)._run();
}

/** oclif, which also prints the version; natsx prints it as JSON. */
async function runOclif(argv: readonly string[], config: Config): Promise<void> {
  const [first, ...rest] = argv;
  const isVersion =
    first === '--version' ||
    config.pjson.oclif.additionalVersionFlags?.includes(first ?? '') === true;
  if (!isVersion || !rest.includes('--json')) await run([...argv], config);
  else process.stdout.write(`${versionJson(config)}\n`);
}

function versionJson({ version, platform, arch }: Config): string {
  return JSON.stringify({ version, node: process.version.slice(1), platform, arch });
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
  return errorText(failure, createStyle(colour), { verbose: words.includes('--verbose') });
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
