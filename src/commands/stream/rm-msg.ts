import * as Flags from '@oclif/core/flags';

import { removeMessage } from '../../streams/run/manage/stream-removal.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { sequenceArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { messageRemovalJson, messageRemovalText } from '../../streams/view/removal-text.js';

export default class StreamRmMsg extends BaseCommand {
  static override aliases = ['stream:rmm'];
  static override summary = 'remove one message of a stream';
  static override description =
    'Shows which message goes. Without --yes nothing is removed, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    {
      description: 'See which message that is',
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
    'no-erase': Flags.boolean({ summary: 'do not overwrite the bytes in the store (quicker)' }),
    ...confirmFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StreamRmMsg);
    const request = { ...args, erase: !flags['no-erase'], apply: isConfirmed(flags) };
    const removal = await this.withClient('goal', (client) =>
      removeMessage(client, this.jetStream, request),
    );
    if (this.common.json) this.out.json(messageRemovalJson(removal));
    else this.out.text(messageRemovalText(removal));
    requireConfirmation(
      flags,
      `message ${args.seq} of the stream "${args.stream}" was not removed`,
    );
  }
}
