import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { BaseCommand } from '../../terminal/base-command.js';
import { validationJson, validationText } from '../../terminal/text/context-text.js';

export default class ContextValidate extends BaseCommand {
  static override summary = 'check that contexts can be used';
  static override description =
    'Reads each context and the files it names; with --connect it also connects. The exit code is that of the first failure.';
  static override examples = [
    { description: 'Check all contexts', command: '<%= config.bin %> context validate' },
    {
      description: 'Check that one of them reaches its server',
      command: '<%= config.bin %> context validate prod --connect',
    },
  ];
  static override args = {
    name: Args.string({ description: 'check only this context', ignoreStdin: true }),
  };
  static override flags = {
    connect: Flags.boolean({ summary: 'connect to the server as well' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContextValidate);
    const checks = await this.contexts.validate(args.name, {
      connect: flags.connect,
      timeoutMs: this.timeoutMs,
      signal: this.life.signal,
    });
    if (this.common.json) this.out.json(validationJson(checks));
    else this.out.text(validationText(checks, { style: this.style, width: this.out.width }));
    const failed = checks.find((check) => check.error !== undefined);
    if (failed?.error !== undefined) throw failed.error;
  }
}
