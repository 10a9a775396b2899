import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import type { PJSON, Plugin } from '@oclif/core/interfaces';
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

/** A command in the same file as this code. */
interface BundledCommand {
  readonly id: string;
  readonly load: () => Promise<{ readonly default: Command.Class }>;
}

/** By the word that the user types. */
export type BundledCommands = ReadonlyMap<string, BundledCommand>;

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
    const command = bundled.get(argv[0] ?? '');
    if (command === undefined) {
      const config = await Config.load({ root });
      commandIds = config.commandIDs;
      words = oclifCommandLine(argv, commandIds);
      await runOclif(words, config);
    } else await runBundled(command, argv, root);
    await exit(Number(process.exitCode ?? 0));
  } catch (error) {
    await exit(isExit(error) ?? report(explained(error), argv));
  }
}

/** What oclif's `run` does, without searching for the command. */
async function runBundled({ id, load }: BundledCommand, argv: readonly string[], root: string) {
  const { default: command } = await load();
  const plugin = commandless(root);
  const config = await Config.load({ root, plugins: new Map([[plugin.name, plugin]]) });
  command.id = id;
  const Runnable = command as unknown as new (
    argv: readonly string[],
    config: Config,
  ) => { _run(): Promise<unknown> };
  await new Runnable(argv.slice(1), config)._run();
}

/** This package as oclif sees it, without its commands: their manifest is long, and one command needs none of it. */
function commandless(root: string): Plugin {
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PJSON;
  return {
    _base: '',
    alias: pjson.name,
    commandIDs: [],
    commands: [],
    commandsDir: undefined,
    findCommand: () => Promise.reject(new Error('there are no commands to find')),
    hasManifest: false,
    hooks: {},
    isRoot: true,
    load: () => Promise.resolve(),
    moduleType: 'module',
    name: pjson.name,
    options: { root },
    pjson,
    root,
    topics: [],
    type: 'core',
    valid: true,
    version: pjson.version,
  };
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
