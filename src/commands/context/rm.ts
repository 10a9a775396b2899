import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { BaseCommand } from '../../terminal/base-command.js';
import { quoted } from '../../core/printable.js';

export default class ContextRm extends BaseCommand {
  static override summary = 'remove a context';
  static override description =
    'Removes the context without asking. If it was the selected context, no context is selected afterwards.';
  static override examples = [
    { description: 'Remove the context "old"', command: '<%= config.bin %> context rm old' },
    {
      description: 'The same in a script: what was removed, as JSON',
      command: '<%= config.bin %> context rm old --json',
    },
  ];
  static override args = {
    name: Args.string({ description: 'name of the context', required: true, ignoreStdin: true }),
  };
  static override flags = {
    // natscli asks unless this is given; natsx never asks.
    force: Flags.boolean({ char: 'f', hidden: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(ContextRm);
    this.contexts.store.remove(args.name);
    if (this.common.json) this.out.json({ removed: args.name });
    else this.notices.notice(`removed the context ${quoted(args.name)}`);
  }
}
