import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { randomBytes } from 'node:crypto';
import { parseHeaderFlags } from '../../core/message/header-flag.js';
import type { MessageHeaders } from '../../core/message/message.js';
import type { TemplateEnvironment } from '../../core/message/template.js';
import {
  type MessageMaker,
  constantMaker,
  templateMaker,
} from '../../core/message/message-maker.js';
import { chooseBody, readBody, type BodyFlagValues } from './body-input.js';

/** Flags of `pub`, `request` and `reply` for the rest of a message. */
export const messageFlags = {
  header: Flags.string({
    char: 'H',
    multiple: true,
    // Otherwise the subject after `-H 'A: 1'` would be parsed as another header.
    multipleNonGreedy: true,
    helpValue: "'Name: value'",
    summary: 'header, repeatable',
  }),
  template: Flags.boolean({
    aliases: ['templates'],
    summary:
      'replace {{Count}}, {{ID}}, {{Time}}, {{TimeStamp}}, {{Unix}}, {{UnixNano}} and {{Random min max}}',
  }),
  'no-templates': Flags.boolean({ hidden: true }),
} as const;

/** The values of these flags. */
export type MessageFlagValues = Partial<InferredFlags<typeof messageFlags>>;

/** What to say if several messages would get the same text with the braces of a template. */
export function unfilledTemplate(
  texts: readonly (string | undefined)[],
  flags: MessageFlagValues & { readonly count?: number | undefined },
): string | undefined {
  const { count = 1, template = false } = flags;
  if (count <= 1 || template || flags['no-templates'] === true) return undefined;
  if (!texts.some((text) => text?.includes('{{'))) return undefined;
  return 'the braces {{ }} are sent as they are; --template fills them in';
}

/** The headers given with `-H`; undefined if there are none. @throws {NatsxError} usage */
export function headersOf(flags: Pick<MessageFlagValues, 'header'>): MessageHeaders | undefined {
  if (flags.header === undefined || flags.header.length === 0) return undefined;
  return parseHeaderFlags(flags.header);
}

const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 22;

/** The clock and the random numbers of templates. */
export const templateEnvironment: TemplateEnvironment = {
  epochNs: () => originNs + process.hrtime.bigint(),
  random: Math.random,
  newId: () => {
    let id = '';
    for (const byte of randomBytes(ID_LENGTH)) id += ID_LETTERS[byte % ID_LETTERS.length] ?? '';
    return id;
  },
};

/** The wall clock of JavaScript has only milliseconds; the monotonic one fills in the rest. */
const originNs = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();

/**
 * The maker for a command that sends one kind of message; the body is read whole.
 *
 * @throws {NatsxError} usage
 */
export async function makerOf(
  subject: string,
  body: string | undefined,
  flags: MessageFlagValues & Pick<BodyFlagValues, 'file' | 'stdin' | 'force-stdin'>,
  signal: AbortSignal,
): Promise<MessageMaker> {
  // `--delimiter` has another meaning for a command with one body.
  const choice = chooseBody(body, { ...flags, delimiter: undefined });
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
