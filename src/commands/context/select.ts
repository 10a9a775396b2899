import * as Args from '@oclif/core/args';

import { BaseCommand } from '../../terminal/base-command.js';
import { quoted } from '../../core/printable.js';

export default class ContextSelect extends BaseCommand {
  static override summary = 'select the context that commands use';
  static override description =
    'Applies to natsx and the nats CLI alike. If there is no such context, the selection stays as it was.';
  static override examples = [
    {
      description: 'Use the context "prod" from now on',
      command: '<%= config.bin %> context select prod',
    },
    {
      description: 'Select it, and see what that means',
      command: '<%= config.bin %> context select prod && <%= config.bin %> context show',
    },
  ];
  static override args = {
    name: Args.string({ description: 'name of the context', required: true, ignoreStdin: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(ContextSelect);
    this.contexts.store.select(args.name);
    if (this.common.json) this.out.json({ selected: args.name });
    else this.notices.notice(`selected the context ${quoted(args.name)}`);
  }
}
