import type { Answerer } from '../../core/message/answer.js';
import { echo, fixed, templated, withHeaders } from '../../core/message/answerers.js';
import { usageError } from '../../core/errors.js';
import { headersRenderer } from '../../core/message/message-maker.js';
import { printableText } from '../../core/printable.js';
import { chooseBody, readBody } from '../flags/body-input.js';
import { headersOf, templateEnvironment } from '../flags/message-flags.js';
import type { ReplyFlagValues } from '../flags/reply-flags.js';
import type { Notices } from '../../terminal/notices.js';
import { RequestCommand } from './request-command.js';

/** Longer than the usual time-outs of requesters. */
const COMMAND_LIMIT_MS = 60_000;

const templates = { environment: templateEnvironment, allowRequest: true };

/**
 * The source of the answers; without a flag or body, the requests themselves.
 *
 * @throws {NatsxError} usage
 */
export async function answerSource(
  body: string | undefined,
  flags: ReplyFlagValues,
  notices: Notices,
  signal: AbortSignal,
): Promise<Answerer> {
  const answers = await bodySource(body, flags, notices, signal);
  const headers = headersOf(flags);
  if (headers === undefined) return answers;
  const render =
    flags.template === true ? headersRenderer(headers, templates) : (): typeof headers => headers;
  return withHeaders(render, answers);
}

async function bodySource(
  body: string | undefined,
  flags: ReplyFlagValues,
  notices: Notices,
  signal: AbortSignal,
): Promise<Answerer> {
  const { command } = flags;
  if (flags.echo === true || command !== undefined) {
    if (body !== undefined || flags.file !== undefined || flags.stdin === true) {
      const other = command === undefined ? '--echo' : '--command';
      throw usageError(`a body and ${other} cannot be used together`, 'give only one of them');
    }
    if (command === undefined) return echo;
    return commandAnswers(command, flags['command-timeout'] ?? COMMAND_LIMIT_MS, notices);
  }
  const choice = chooseBody(body, flags);
  if (choice.type === 'lines' || choice.type === 'jsonl') throw new Error('one body was expected');
  if (choice.type === 'nothing') return echo;
  const payload = await readBody(choice, signal);
  if (flags.template !== true) return fixed(payload);
  return templated(Buffer.from(payload).toString('utf8'), templates);
}

function commandAnswers(command: string, limitMs: number, notices: Notices): Answerer {
  const onStderr = (line: string): void => notices.notice(printableText(line));
  return new RequestCommand({ command, limitMs, onStderr }).answer;
}
