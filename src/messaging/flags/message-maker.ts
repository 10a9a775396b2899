import type { MessageMaker } from '../../core/message/message-maker.js';
import { constantMaker, templateMaker } from '../../core/message/message-maker.js';
import { chooseBody, readBody } from './body-input.js';
import { headersOf, templateEnvironment } from './message-flags.js';

/** The flags that define one message. */
export interface MessageFlagValues {
  readonly file?: string | undefined;
  readonly stdin?: boolean;
  readonly 'force-stdin'?: boolean;
  readonly header?: readonly string[] | undefined;
  readonly template?: boolean;
}

/**
 * The maker for a command that sends one kind of message; the body is read whole.
 *
 * @throws {NatsxError} usage
 */
export async function makerOf(
  subject: string,
  body: string | undefined,
  flags: MessageFlagValues,
  signal: AbortSignal,
): Promise<MessageMaker> {
  const choice = chooseBody(body, oneBody(flags));
  if (choice.type === 'lines' || choice.type === 'jsonl') throw new Error('one body was expected');
  const parts = {
    subject,
    reply: undefined,
    headers: headersOf(flags),
    body: await readBody(choice, signal),
  };
  return flags.template === true
    ? templateMaker(parts, { environment: templateEnvironment })
    : constantMaker(parts);
}

/** `--delimiter` has another meaning for a command with one body. */
function oneBody(flags: MessageFlagValues): MessageFlagValues {
  const { file, stdin = false, 'force-stdin': forceStdin = false } = flags;
  return { file, stdin, 'force-stdin': forceStdin };
}
