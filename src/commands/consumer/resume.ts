import { resume } from '../../streams/run/manage/consumer-control.js';
import { printChange } from '../../streams/console/print-change.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { jsonText } from '../../core/message/payload-json.js';
import { consumerChangeJson, consumerChangeText } from '../../streams/view/consumer-change-text.js';

export default class ConsumerResume extends BaseCommand {
  static override summary = 'resume a paused consumer';
  static override description =
    'Without --yes, nothing is changed, and the exit code is 2, or 0 with --dry-run. Needs server 2.11 or newer.';
  static override examples = [
    { description: 'Resume it', command: '<%= config.bin %> consumer resume ORDERS billing --yes' },
    {
      description: 'In a script',
      command: '<%= config.bin %> consumer resume ORDERS billing --yes --json',
    },
  ];
  static override args = { ...streamArg, ...consumerArg };
  static override flags = confirmFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerResume);
    const target = { ...args, scope: this.jetStream, apply: isConfirmed(flags) };
    const change = await this.withClient('goal', ({ connection }) => resume(connection, target));
    printChange(this.terminal, {
      done: change.applied,
      json: jsonText(consumerChangeJson(change)),
      text: ({ style }) => consumerChangeText(change, style),
    });
    requireConfirmation(flags, `the consumer "${args.consumer}" was not resumed`);
  }
}
