import { removeConsumer } from '../../streams/run/manage/consumer-remove.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { removalFailure } from '../../streams/model/config-outcome.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { consumerRemovalJson, consumerRemovalText } from '../../streams/view/removal-text.js';

export default class ConsumerRm extends BaseCommand {
  static override summary = 'remove a consumer of a stream';
  static override description =
    'Its position is lost. The messages stay, unless the stream keeps them for its consumers only (interest): what no other consumer waits for goes with it, and is counted. Without --yes nothing is removed, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    {
      description: 'See what it still has to do',
      command: '<%= config.bin %> consumer rm ORDERS billing --dry-run',
    },
    { description: 'Remove it', command: '<%= config.bin %> consumer rm ORDERS billing --yes' },
  ];
  static override args = { ...streamArg, ...consumerArg };
  static override flags = confirmFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerRm);
    const request = { ...args, apply: isConfirmed(flags) };
    const removal = await this.withClient('goal', (client) =>
      removeConsumer(client, this.jetStream, request),
    );
    if (this.common.json) this.out.json(consumerRemovalJson(removal));
    else this.out.text(consumerRemovalText(removal));
    requireConfirmation(
      flags,
      `the consumer "${args.consumer}" of "${args.stream}" was not removed`,
    );
    const what = `the consumer "${args.consumer}" of "${args.stream}"`;
    const failure = removalFailure(what, removal.removes, removal.removed);
    if (failure !== undefined) throw failure;
  }
}
