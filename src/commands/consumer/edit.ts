import { edit } from '../../app/jetstream/consumer-control.js';
import { BaseCommand } from '../../cli/base-command.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../cli/confirm-flags.js';
import { durationFlag } from '../../cli/flag-types.js';
import { consumerArg, streamArg } from '../../cli/jetstream/jetstream-args.js';
import { countLimitFlag } from '../../cli/jetstream/limit-flags.js';
import { usageError } from '../../domain/errors.js';
import { consumerChangeJson, consumerChangeText } from '../../render/consumer-change-text.js';

export default class ConsumerEdit extends BaseCommand {
  static override summary = 'change the limits of a consumer';
  static override description =
    'Only what is named changes, and it takes effect at once. Without --yes nothing is done, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    {
      description: 'Let workers have more messages in flight',
      command: '<%= config.bin %> consumer edit ORDERS billing --max-ack-pending 5000 --yes',
    },
    {
      description: 'Give them more time for each',
      command: '<%= config.bin %> consumer edit ORDERS billing --ack-wait 2m --yes',
    },
  ];
  static override args = { ...streamArg, ...consumerArg };
  static override flags = {
    ...confirmFlags,
    'max-ack-pending': countLimitFlag({ summary: 'most messages in flight' }),
    'ack-wait': durationFlag({ summary: 'how long a message may be worked on' }),
    'max-deliver': countLimitFlag({ summary: 'most deliveries of a message' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerEdit);
    const wait = flags['ack-wait'];
    const wanted = {
      max_ack_pending: flags['max-ack-pending'],
      max_deliver: flags['max-deliver'],
      ack_wait: wait === undefined ? undefined : Math.round(wait * 1e6),
    };
    if (Object.values(wanted).every((value) => value === undefined)) {
      throw usageError('nothing to change', 'name --max-ack-pending, --ack-wait or --max-deliver');
    }
    const target = { ...args, scope: this.jetStream, apply: isConfirmed(flags) };
    const change = await this.withClient('goal', ({ connection }) =>
      edit(connection, target, wanted),
    );
    if (this.common.json) this.out.json(consumerChangeJson(change));
    else this.out.text(consumerChangeText(change));
    requireConfirmation(flags, `the consumer "${args.consumer}" was not changed`);
  }
}
