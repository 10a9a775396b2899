import { BaseCommand } from '../../terminal/base-command.js';
import { contextListJson, contextListText } from '../../terminal/text/context-text.js';

export default class ContextLs extends BaseCommand {
  static override summary = 'list the contexts, which are shared with the nats CLI';
  static override description =
    'Contexts are files that the nats CLI and natsx share: in $XDG_CONFIG_HOME/nats/context, or ~/.config/nats/context.';
  static override examples = [
    {
      description: 'All contexts; the star marks the selected one',
      command: '<%= config.bin %> context ls',
    },
    {
      description: 'Only their names',
      command: '<%= config.bin %> context ls --json | jq -r .[].name',
    },
  ];

  async run(): Promise<void> {
    await this.parse(ContextLs);
    const contexts = this.contexts.list();
    if (this.common.json) this.out.json(contextListJson(contexts));
    else this.out.text(contextListText(contexts, { style: this.style, width: this.out.width }));
  }
}
