import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { parseDelimiter } from '../../core/values/delimiter.js';
import { usageError } from '../../core/errors.js';
import { stdinIsPiped } from '../../terminal/output.js';
import { readInputFile, readStdin } from '../../terminal/stdin.js';

const helpGroup = 'BODY';

/** Where one body may come from; `pub`, `request` and `reply` have these. */
export const bodyFlags = {
  file: Flags.string({
    helpValue: '<file>',
    summary: 'read the body from a file',
    helpGroup,
  }),
  stdin: Flags.boolean({ summary: 'read the body from stdin, like - as the body', helpGroup }),
  'force-stdin': Flags.boolean({ hidden: true }),
} as const;

/** Sources of many messages. */
export const stdinStreamFlags = {
  lines: Flags.boolean({
    summary: 'publish each line of stdin (or --file) as a message',
    exclusive: ['jsonl'],
    helpGroup,
  }),
  jsonl: Flags.boolean({
    summary: 'publish each JSON line of stdin (or --file) as a message, as sub --json writes them',
    helpGroup,
  }),
  delimiter: Flags.string({
    helpValue: '<text>',
    summary: 'line terminator: newline, nul, or a string such as \\t [default: newline]',
    helpGroup,
  }),
  'send-on': Flags.string({ options: ['eof', 'newline'], hidden: true }),
} as const;

/** The values of these flags. */
export type BodyFlagValues = Partial<InferredFlags<typeof bodyFlags & typeof stdinStreamFlags>>;

/** Bytes from outside: a file by its path, or stdin. */
export type InputOrigin =
  { readonly from: 'stdin' } | { readonly from: 'file'; readonly path: string };

/** The chosen body; nothing has been read yet. */
export type BodyChoice =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'nothing' }
  | { readonly type: 'whole'; readonly origin: InputOrigin }
  | { readonly type: 'lines'; readonly origin: InputOrigin; readonly delimiter: Uint8Array }
  | { readonly type: 'jsonl'; readonly origin: InputOrigin };

/**
 * Decides where the body comes from. stdin is read only on request; piped input that was not requested is an error, so
 * that it is neither waited for nor lost.
 *
 * @throws {NatsxError} usage
 */
export function chooseBody(argument: string | undefined, flags: BodyFlagValues): BodyChoice {
  const wantsStdin = argument === '-' || flags.stdin === true || flags['force-stdin'] === true;
  const text = argument === '-' ? undefined : argument;
  rejectTwoSources(text, wantsStdin, flags.file);
  const origin: InputOrigin =
    flags.file === undefined ? { from: 'stdin' } : { from: 'file', path: flags.file };
  const stream = chooseStream(text, origin, flags);
  if (stream !== undefined) return stream;
  if (text !== undefined) return { type: 'text', text };
  if (wantsStdin || flags.file !== undefined) return { type: 'whole', origin };
  if (stdinIsPiped()) {
    throw usageError(
      'no body was given, but stdin is a pipe',
      "give - as the body to send stdin, or '' to send an empty message",
    );
  }
  return { type: 'nothing' };
}

function chooseStream(
  text: string | undefined,
  origin: InputOrigin,
  flags: BodyFlagValues,
): BodyChoice | undefined {
  const lines = flags.lines === true || flags['send-on'] === 'newline';
  if (!lines && flags.delimiter !== undefined) {
    throw usageError('--delimiter needs --lines', 'add --lines');
  }
  if (!lines && flags.jsonl !== true) return undefined;
  if (text !== undefined) {
    throw usageError(
      `a body was given, but --${lines ? 'lines' : 'jsonl'} reads the bodies from stdin`,
      'give only one of them',
    );
  }
  if (!lines) return { type: 'jsonl', origin };
  return { type: 'lines', origin, delimiter: lineDelimiter(flags.delimiter) };
}

/** One body, read whole. @throws {NatsxError} usage — the file or stdin cannot be read */
export async function readBody(
  choice: Extract<BodyChoice, { type: 'text' | 'nothing' | 'whole' }>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  switch (choice.type) {
    case 'text':
      return Buffer.from(choice.text, 'utf8');
    case 'nothing':
      return new Uint8Array();
    case 'whole':
      return choice.origin.from === 'file' ? readInputFile(choice.origin.path) : readStdin(signal);
  }
}

function rejectTwoSources(
  text: string | undefined,
  wantsStdin: boolean,
  file: string | undefined,
): void {
  const given = [
    ...(text === undefined ? [] : ['the argument']),
    ...(wantsStdin ? ['stdin'] : []),
    ...(file === undefined ? [] : ['--file']),
  ];
  if (given.length > 1) {
    throw usageError(
      `the body was given ${given.length === 2 ? 'twice' : 'three times'}: by ${given.join(' and ')}`,
      'give only one of them',
    );
  }
}

function lineDelimiter(text: string | undefined): Uint8Array {
  const delimiter = parseDelimiter(text ?? 'newline');
  if (delimiter.length > 0) return delimiter;
  throw usageError('--delimiter must not be empty with --lines', 'write newline or nul');
}
