import { pause } from '../../streams/run/manage/consumer-control.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { untilFlag } from '../../streams/flags/until-flag.js';
import { consumerChangeJson, consumerChangeText } from '../../streams/view/consumer-change-text.js';

export default class ConsumerPause extends BaseCommand {
  static override summary = 'stop the delivery of a consumer for a while';
  static override description =
    'Messages go on piling up for it. Without --yes nothing is done, and the exit code is 2, or 0 with --dry-run. Needs a server of 2.11 or newer.';
  static override examples = [
    {
      description: 'Hold billing for an hour',
      command: '<%= config.bin %> consumer pause ORDERS billing --until 1h --yes',
    },
    {
      description: 'Until a time, from a script',
      command:
        '<%= config.bin %> consumer pause ORDERS billing --until 2030-01-31T08:00:00Z --yes --json',
    },
  ];
  static override args = { ...streamArg, ...consumerArg };
  static override flags = {
    ...confirmFlags,
    until: untilFlag({
      required: true,
      summary: 'for so long (1h), or until a time (2026-01-31T08:00:00Z)',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerPause);
    const target = { ...args, scope: this.jetStream, apply: isConfirmed(flags) };
    const change = await this.withClient('goal', ({ connection }) =>
      pause(connection, target, flags.until),
    );
    if (this.common.json) this.out.json(consumerChangeJson(change));
    else this.out.text(consumerChangeText(change));
    requireConfirmation(flags, `the consumer "${args.consumer}" was not paused`);
  }
}
