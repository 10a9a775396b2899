import * as Args from '@oclif/core/args';

import { EXPLANATIONS } from '../backlog/model/explain.js';
import { AUDIT_TEXTS } from '../doctor/model/rule-table.js';
import { BaseCommand } from '../terminal/base-command.js';
import { completionScript, SHELLS, type Shell } from '../terminal/completion-script.js';
import { completionSetupText } from '../terminal/text/completion-setup-text.js';

/** What `explain` of each feature takes. */
const IDS = {
  'backlog:explain id': EXPLANATIONS.map(({ id }) => id),
  'doctor:explain id': AUDIT_TEXTS.map(({ id }) => id),
};

export default class Autocomplete extends BaseCommand {
  static override summary = 'print the completion script of a shell';
  static override description =
    'Without SHELL, prints how to set up completion. The script completes commands, flags and their values, and the names of contexts, streams and consumers. It requests the names of streams and consumers from the server, waits for a second at most, and caches them for five seconds.';
  static override examples = [
    { description: 'How to set it up', command: '<%= config.bin %> autocomplete' },
    {
      description: 'Completion in this bash session',
      command: 'source <(<%= config.bin %> autocomplete bash)',
    },
    {
      description: 'Completion in every new fish session',
      command: '<%= config.bin %> autocomplete fish > ~/.config/fish/completions/natsx.fish',
    },
  ];
  static override args = {
    shell: Args.string({
      description: 'shell to complete in',
      options: [...SHELLS],
      ignoreStdin: true,
    }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Autocomplete);
    if (args.shell === undefined) this.out.text(completionSetupText(this.style));
    else this.out.text(completionScript(args.shell as Shell, this.config, IDS));
  }
}
