import * as Flags from '@oclif/core/flags';

import { removeMessage } from '../../streams/run/manage/stream-messages.js';
import { printChange } from '../../streams/console/print-change.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { sequenceArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { jsonText } from '../../core/message/payload-json.js';
import { messageRemovalJson, messageRemovalText } from '../../streams/view/removal-text.js';

export default class StreamRmMsg extends BaseCommand {
  static override aliases = ['stream:rmm'];
  static override summary = 'remove one message from a stream';
  static override description =
    'Shows the message, and removes it with --yes. Without it, nothing is removed, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    {
      description: 'See which message would be removed',
      command: '<%= config.bin %> stream rm-msg ORDERS 42 --dry-run',
    },
    {
      description: 'Remove the message with sequence 42, and overwrite its bytes',
      command: '<%= config.bin %> stream rm-msg ORDERS 42 --yes',
    },
  ];
  static override args = {
    ...streamArg,
    seq: sequenceArg({ required: true }),
  };
  static override flags = {
    'no-erase': Flags.boolean({ summary: 'do not overwrite the bytes in the store (faster)' }),
    ...confirmFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StreamRmMsg);
    const request = { ...args, erase: !flags['no-erase'], apply: isConfirmed(flags) };
    const removal = await this.withClient('goal', (client) =>
      removeMessage(client, this.jetStream, request),
    );
    printChange(this.terminal, {
      done: removal.done,
      json: jsonText(messageRemovalJson(removal)),
      text: () => messageRemovalText(removal),
    });
    requireConfirmation(
      flags,
      `message ${args.seq} of the stream "${args.stream}" was not removed`,
    );
  }
}
