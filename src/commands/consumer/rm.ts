import { removeConsumer } from '../../streams/run/manage/consumer-remove.js';
import { printChange } from '../../streams/console/print-change.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { removalFailure } from '../../streams/model/config-outcome.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { jsonText } from '../../core/message/payload-json.js';
import { consumerRemovalJson, consumerRemovalText } from '../../streams/view/removal-text.js';

export default class ConsumerRm extends BaseCommand {
  static override summary = 'remove a consumer of a stream';
  static override description =
    'Its position is lost. The messages stay in the stream, unless the stream keeps them only for its consumers (interest): in that case, messages that no other consumer is waiting for are removed too. Shows what will be removed, and removes it with --yes. Without it, nothing is removed, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    {
      description: 'See what it has not delivered yet',
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
    printChange(this.terminal, {
      done: removal.done,
      json: jsonText(consumerRemovalJson(removal)),
      text: ({ style }) => consumerRemovalText(removal, style),
    });
    requireConfirmation(
      flags,
      `the consumer "${args.consumer}" of "${args.stream}" was not removed`,
    );
    const what = `the consumer "${args.consumer}" of "${args.stream}"`;
    const failure = removalFailure(what, removal.removes, removal.removed);
    if (failure !== undefined) throw failure;
  }
}
