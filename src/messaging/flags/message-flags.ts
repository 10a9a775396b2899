import { randomBytes } from 'node:crypto';

import * as Flags from '@oclif/core/flags';

import { parseHeaderFlags } from '../../core/message/header-flag.js';
import type { MessageHeaders } from '../../core/message/message.js';
import type { TemplateEnvironment } from '../../core/message/template.js';

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

/** The headers given with `-H`; undefined if there are none. @throws {NatsxError} usage */
export function headersOf(flags: {
  readonly header?: readonly string[] | undefined;
}): MessageHeaders | undefined {
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
