import { removalFailure } from '../../streams/model/config-outcome.js';
import { skip } from '../../streams/run/manage/consumer-skip.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { placeFlag } from '../../streams/flags/until-flag.js';
import { consumerChangeJson, consumerChangeText } from '../../streams/view/consumer-change-text.js';

export default class ConsumerSkip extends BaseCommand {
  static override summary = 'let a consumer go on at a later (or earlier) message';
  static override description =
    'What lies in between is not delivered; it is counted, and stays in the stream unless the stream keeps messages for its consumers only (interest). A sequence beyond the end, or a time to come, is refused (exit code 8): what is published next would be skipped as well. Servers before 2.14 cannot move a consumer, and later ones only to where its deliver policy lets it begin: else it is recreated with the same settings. Without --yes nothing is done, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    {
      description: 'See what would be skipped when it goes on with the last hour',
      command: '<%= config.bin %> consumer skip ORDERS billing --to 1h --dry-run',
    },
    {
      description: 'Go on with what comes next',
      command: '<%= config.bin %> consumer skip ORDERS billing --to end --yes',
    },
  ];
  static override args = { ...streamArg, ...consumerArg };
  static override flags = {
    ...confirmFlags,
    to: placeFlag({
      required: true,
      summary: 'sequence, time, how long ago, or end: the first message that it gets',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerSkip);
    const target = { ...args, scope: this.jetStream, apply: isConfirmed(flags) };
    const change = await this.withClient('goal', ({ connection }) =>
      skip(connection, target, flags.to),
    );
    if (this.common.json) this.out.json(consumerChangeJson(change));
    else this.out.text(consumerChangeText(change));
    requireConfirmation(flags, `the consumer "${args.consumer}" was not moved`);
    const what = `the consumer "${args.consumer}" of "${args.stream}"`;
    const failure = removalFailure(what, change.removes, change.removed);
    if (failure !== undefined) throw failure;
  }
}
