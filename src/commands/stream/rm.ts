import { removeStream } from '../../streams/run/manage/stream-removal.js';
import { printChange } from '../../streams/console/print-change.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { jsonText } from '../../core/message/payload-json.js';
import { streamRemovalJson, streamRemovalText } from '../../streams/view/removal-text.js';

export default class StreamRm extends BaseCommand {
  static override summary = 'remove a stream with its messages and consumers';
  static override description =
    'Shows what will be removed, and removes it with --yes. Without it, nothing is removed, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    {
      description: 'See what would be removed',
      command: '<%= config.bin %> stream rm ORDERS --dry-run',
    },
    { description: 'Remove it', command: '<%= config.bin %> stream rm ORDERS --yes' },
  ];
  static override args = streamArg;
  static override flags = confirmFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StreamRm);
    const request = { stream: args.stream, apply: isConfirmed(flags) };
    const removal = await this.withClient('goal', (client) =>
      removeStream(client, this.jetStream, request),
    );
    printChange(this.terminal, {
      done: removal.done,
      json: jsonText(streamRemovalJson(removal)),
      text: ({ style }) => streamRemovalText(removal, style),
    });
    requireConfirmation(flags, `the stream "${args.stream}" was not removed`);
  }
}
