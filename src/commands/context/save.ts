import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { BaseCommand } from '../../terminal/base-command.js';
import { printableText, quoted } from '../../core/printable.js';

/** Flags of every command that say how to connect, and for which the nats CLI's files have no place. */
const UNKEPT = ['connection-name', 'timeout', 'wait-for-server', 'give-up-after'] as const;

export default class ContextSave extends BaseCommand {
  static override aliases = ['context:add'];
  static override summary = 'save connection flags as a context';
  static override description =
    'Creates a context, or changes the given settings of an existing one and leaves the others. The nats CLI can use it too.';
  static override examples = [
    {
      description: 'A context for a local server',
      command: '<%= config.bin %> context save local --server nats://127.0.0.1:4222',
    },
    {
      description: 'One with credentials, selected at once',
      command:
        '<%= config.bin %> context save prod --server tls://nats.example.com --creds ~/prod.creds --select',
    },
  ];
  static override args = {
    name: Args.string({ description: 'name of the context', required: true, ignoreStdin: true }),
  };
  static override flags = {
    description: Flags.string({ helpValue: '<text>', summary: 'what the context is for' }),
    select: Flags.boolean({ summary: 'make it the selected context' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContextSave);
    const path = this.contexts.save(args.name, this.flagSettings, flags.description);
    if (flags.select) this.contexts.store.select(args.name);
    const unkept = UNKEPT.filter((name) => flags[name] !== undefined);
    if (unkept.length > 0) {
      this.notices.warn(`a context keeps no ${unkept.map((name) => `--${name}`).join(' and no ')}`);
    }
    const selected = this.contexts.store.selected() === args.name;
    if (this.common.json) this.out.json({ name: args.name, path, selected });
    else this.notices.notice(`saved the context ${quoted(args.name)} in ${printableText(path)}`);
  }
}
