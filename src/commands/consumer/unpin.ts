import * as Flags from '@oclif/core/flags';

import { unpin } from '../../streams/run/manage/consumer-control.js';
import { printChange } from '../../streams/console/print-change.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { jsonText } from '../../core/message/payload-json.js';
import { consumerChangeJson, consumerChangeText } from '../../streams/view/consumer-change-text.js';

export default class ConsumerUnpin extends BaseCommand {
  static override summary = 'unpin a client, so that the server pins another one';
  static override description =
    'For consumers with the priority policy pinned_client whose client is stuck. Without --yes, nothing is changed, and the exit code is 2, or 0 with --dry-run. Needs server 2.11 or newer.';
  static override examples = [
    {
      description: 'Unpin the client',
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
      summary: 'priority group, needed if clients are pinned in several groups',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerUnpin);
    const target = { ...args, scope: this.jetStream, apply: isConfirmed(flags) };
    const change = await this.withClient('goal', ({ connection }) =>
      unpin(connection, target, flags.group),
    );
    printChange(this.terminal, {
      done: change.applied,
      json: jsonText(consumerChangeJson(change)),
      text: ({ style }) => consumerChangeText(change, style),
    });
    requireConfirmation(flags, `the consumer "${args.consumer}" was not unpinned`);
  }
}
