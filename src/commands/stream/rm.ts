import { removeStream } from '../../streams/run/manage/stream-removal.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { streamRemovalJson, streamRemovalText } from '../../streams/view/removal-text.js';

export default class StreamRm extends BaseCommand {
  static override summary = 'remove a stream with its messages and consumers';
  static override description =
    'Shows what goes. Without --yes that is all: nothing is removed, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    { description: 'See what would go', command: '<%= config.bin %> stream rm ORDERS --dry-run' },
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
    if (this.common.json) this.out.json(streamRemovalJson(removal));
    else this.out.text(streamRemovalText(removal));
    requireConfirmation(flags, `the stream "${args.stream}" was not removed`);
  }
}
