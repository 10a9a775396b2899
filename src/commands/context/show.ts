import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { BaseCommand } from '../../terminal/base-command.js';
import { settingsJson, settingsText } from '../../terminal/text/context-text.js';

export default class ContextShow extends BaseCommand {
  static override summary = 'show the effective settings and where each comes from';
  static override description =
    'Flags override the environment, the environment overrides the context, and the context overrides the defaults. With NAME, shows the settings of that context, and which of them the environment overrides. Secrets are hidden.';
  static override examples = [
    {
      description: 'What a command would connect with here',
      command: '<%= config.bin %> context show',
    },
    {
      description: 'The settings of another context',
      command: '<%= config.bin %> context show staging',
    },
  ];
  static override args = {
    name: Args.string({
      description: 'context to show, instead of the effective settings',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    reveal: Flags.boolean({ summary: 'show passwords, tokens and seeds' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContextShow);
    const view = this.settingsView(args.name);
    const reveal = flags.reveal;
    if (this.common.json) this.out.json(settingsJson(view, reveal));
    else this.out.text(settingsText(view, { reveal, style: this.style, width: this.out.width }));
  }
}
