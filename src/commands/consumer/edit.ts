import { changeConsumer } from '../../streams/run/manage/consumer-edit.js';
import { printOutcome } from '../../streams/console/print-outcome.js';
import { answerNatscliFlags, natscliEditFlags } from '../../streams/flags/natscli-flags.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { configFlag, readConfigInput } from '../../streams/console/config-input.js';
import { consumerEditFlags } from '../../streams/flags/consumer-config-flags.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { usageError } from '../../core/errors.js';
import { editFailure } from '../../streams/model/config-outcome.js';
import { consumerConfigOf } from '../../streams/model/consumer-config.js';
import { CONSUMER_EDIT_FLAGS } from '../../streams/model/consumer-edit.js';

export default class ConsumerEdit extends BaseCommand {
  static override summary = 'change settings of a consumer';
  static override description =
    'Changes only the given settings. The change takes effect immediately, and the position of the consumer stays the same. Shows the differences, and applies them with --yes. Without it, nothing is changed, and the exit code is 2, or 0 with --dry-run. Where a consumer begins, what it acknowledges, and whether it is pull or push cannot be changed.';
  static override examples = [
    {
      description: 'Allow more unacknowledged messages',
      command: '<%= config.bin %> consumer edit ORDERS billing --max-ack-pending 5000 --yes',
    },
    {
      description: 'See what a longer time for each message would change',
      command: '<%= config.bin %> consumer edit ORDERS billing --ack-wait 2m --dry-run',
    },
  ];
  static override args = { ...streamArg, ...consumerArg };
  static override flags = {
    ...configFlag,
    ...consumerEditFlags,
    ...confirmFlags,
    ...natscliEditFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerEdit);
    const notice = answerNatscliFlags(flags, 'consumer');
    if (notice !== undefined) this.notices.notice(notice);
    const wish = {
      stream: args.stream,
      name: args.consumer,
      flags: consumerConfigOf(CONSUMER_EDIT_FLAGS, flags),
      file: await readConfigInput(flags.config, this.life.signal),
    };
    if (wish.file === undefined && Object.keys(wish.flags).length === 0) {
      throw usageError('no setting is given', 'give flags such as --ack-wait 1m, or --config FILE');
    }
    const apply = isConfirmed(flags);
    const outcome = await this.withClient('goal', (client) =>
      changeConsumer(client, this.jetStream, { ...wish, apply }),
    );
    printOutcome(this.terminal, outcome);
    if (outcome.action === 'would-edit')
      requireConfirmation(flags, `the consumer "${args.consumer}" was not changed`);
    const failure = editFailure(outcome);
    if (failure !== undefined) throw failure;
  }
}
