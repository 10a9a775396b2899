import * as Flags from '@oclif/core/flags';

import { getMessage } from '../../streams/run/manage/stream-messages.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { sequenceArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { chooseMessage } from '../../streams/model/stored-message.js';
import { printableBytes } from '../../core/printable.js';
import { storedMessageJson, storedMessageText } from '../../streams/view/stored-message-text.js';

/** Responses are JSON, which has a replacement character for bytes that are not UTF-8. */
const UNREADABLE_SUBJECT =
  'the subject may have bytes that are not UTF-8, which the server replaced with \ufffd; natsx sub --stream shows them';

export default class StreamGet extends BaseCommand {
  static override summary = 'print one message of a stream';
  static override description =
    'Prints the message with a given sequence, the newest message of a subject, or the first message of a subject at or after a sequence. If there is no such message, the exit code is 7, and the error shows the sequences of the stream.';
  static override examples = [
    {
      description: 'The message with sequence 42',
      command: '<%= config.bin %> stream get ORDERS 42',
    },
    {
      description: 'Only the body of the newest message of a subject',
      command: '<%= config.bin %> stream get ORDERS --last-for orders.new --raw',
    },
    {
      description: 'The first message of a subject at or after sequence 40',
      command: '<%= config.bin %> stream get ORDERS 40 --next orders.eu',
    },
  ];
  static override args = {
    ...streamArg,
    seq: sequenceArg(),
  };
  static override flags = {
    'last-for': Flags.string({
      char: 'S',
      helpValue: '<subject>',
      summary: 'the newest message of this subject',
      exclusive: ['next'],
    }),
    next: Flags.string({
      helpValue: '<subject>',
      summary: 'the first message of this subject, at or after the sequence',
    }),
    raw: Flags.boolean({ summary: 'print the body only, byte for byte', exclusive: ['json'] }),
    pretty: Flags.boolean({ summary: 'indent a body that is JSON' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StreamGet);
    const choice = chooseMessage({ seq: args.seq, lastFor: flags['last-for'], next: flags.next });
    const stored = await this.withClient('goal', (client) =>
      getMessage(client, this.jetStream, { stream: args.stream, choice }),
    );
    if (stored.message.subject.includes('\ufffd')) this.notices.warn(UNREADABLE_SUBJECT);
    if (this.common.json) this.out.line(storedMessageJson(stored));
    else if (flags.raw) this.#raw(stored.message.payload);
    else this.out.text(storedMessageText(stored, { style: this.style, pretty: flags.pretty }));
  }

  /** A terminal would interpret control characters. */
  #raw(payload: Uint8Array): void {
    if (this.out.isTerminal) this.out.line(printableBytes(payload, { keepLines: true }));
    else this.out.bytes(payload);
  }
}
