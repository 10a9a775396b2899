import { removalFailure } from '../../streams/model/config-outcome.js';
import { skip } from '../../streams/run/manage/consumer-skip.js';
import { printChange } from '../../streams/console/print-change.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { placeFlag } from '../../streams/flags/until-flag.js';
import { jsonText } from '../../core/message/payload-json.js';
import { consumerChangeJson, consumerChangeText } from '../../streams/view/consumer-change-text.js';

export default class ConsumerSkip extends BaseCommand {
  static override summary = 'move a consumer to a later or earlier message';
  static override description =
    'Messages in between are not delivered. They are counted, and stay in the stream unless the stream keeps messages only for its consumers (interest). A sequence beyond the end, or a time in the future, is rejected (exit code 8), because new messages would be skipped as well. Servers before 2.14 cannot move a consumer, and newer ones can move it only to a position that its deliver policy allows. Otherwise, natsx recreates the consumer with the same settings. Without --yes, nothing is changed, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    {
      description: 'See what would be skipped if it continued one hour ago',
      command: '<%= config.bin %> consumer skip ORDERS billing --to 1h --dry-run',
    },
    {
      description: 'Continue with the next new message',
      command: '<%= config.bin %> consumer skip ORDERS billing --to end --yes',
    },
  ];
  static override args = { ...streamArg, ...consumerArg };
  static override flags = {
    ...confirmFlags,
    to: placeFlag({
      required: true,
      summary: 'first message to deliver: a sequence, a time, how long ago (1h), or end',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerSkip);
    const target = { ...args, scope: this.jetStream, apply: isConfirmed(flags) };
    const change = await this.withClient('goal', ({ connection }) =>
      skip(connection, target, flags.to),
    );
    printChange(this.terminal, {
      done: change.applied,
      json: jsonText(consumerChangeJson(change)),
      text: ({ style }) => consumerChangeText(change, style),
    });
    requireConfirmation(flags, `the consumer "${args.consumer}" was not moved`);
    const what = `the consumer "${args.consumer}" of "${args.stream}"`;
    const failure = removalFailure(what, change.removes, change.removed);
    if (failure !== undefined) throw failure;
  }
}
