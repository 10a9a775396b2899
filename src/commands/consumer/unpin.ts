import * as Flags from '@oclif/core/flags';

import { unpin } from '../../streams/run/manage/consumer-control.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { consumerChangeJson, consumerChangeText } from '../../streams/view/consumer-change-text.js';

export default class ConsumerUnpin extends BaseCommand {
  static override summary = 'let the server choose another client for a pinned consumer';
  static override description =
    'For consumers with the priority policy pinned_client whose client does nothing. Without --yes nothing is done, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    {
      description: 'Take the pin away',
      command: '<%= config.bin %> consumer unpin ORDERS billing --yes',
    },
    {
      description: 'In a script',
      command: '<%= config.bin %> consumer unpin ORDERS billing --yes --json',
    },
  ];
  static override args = { ...streamArg, ...consumerArg };
  static override flags = {
    ...confirmFlags,
    group: Flags.string({
      helpValue: '<name>',
      summary: 'priority group, where clients are pinned in several',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerUnpin);
    const target = { ...args, scope: this.jetStream, apply: isConfirmed(flags) };
    const change = await this.withClient('goal', ({ connection }) =>
      unpin(connection, target, flags.group),
    );
    if (this.common.json) this.out.json(consumerChangeJson(change));
    else this.out.text(consumerChangeText(change));
    requireConfirmation(flags, `the consumer "${args.consumer}" was not unpinned`);
  }
}
