import * as Flags from '@oclif/core/flags';

import { applyConsumers } from '../../streams/run/manage/apply-config.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { readJsonInput } from '../../streams/console/config-input.js';
import { printOutcomes } from '../../streams/console/print-outcome.js';
import { fileArg } from '../../streams/flags/jetstream-args.js';
import { consumerDocuments } from '../../streams/model/config-document.js';

export default class ConsumerApply extends BaseCommand {
  static override summary = 'create or change consumers to match a file';
  static override description =
    'Reads one configuration, or a list of them, in the format of the server ("consumer info --json" prints it), from a JSON file or stdin (-). Consumers that do not exist are created; of the others, only the settings in the file are changed. The stream is --stream, or "stream_name" in the file. Shows the differences, and applies them with --yes. Without it, nothing is changed, and the exit code is 2, or 0 with --dry-run or without differences.';
  static override examples = [
    {
      description: 'See what would be created or changed',
      command: '<%= config.bin %> consumer apply workers.json --stream ORDERS --dry-run',
    },
    {
      description: 'Apply it, in a pipeline',
      command: '<%= config.bin %> consumer apply workers.json --stream ORDERS --yes',
    },
  ];
  static override args = fileArg;
  static override flags = {
    stream: Flags.string({
      helpValue: '<name>',
      summary: 'stream of the consumers, instead of the one in the file',
    }),
    ...confirmFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerApply);
    const { value, what } = await readJsonInput(args.file, this.life.signal);
    const request = {
      documents: consumerDocuments(value, what, flags.stream),
      apply: isConfirmed(flags),
    };
    const isOpen = await this.withClient('goal', (client) =>
      printOutcomes(this.terminal, applyConsumers(client, this.jetStream, request)),
    );
    if (isOpen) requireConfirmation(flags, 'nothing was changed');
  }
}
