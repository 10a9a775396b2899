import { CommandHelp, Help } from '@oclif/core/help';

/** oclif lists every flag in the usage line; with the common flags that hides what matters. */
class ShortUsage extends CommandHelp {
  protected override defaultUsage(): string {
    const args = Object.values(this.command.args)
      .filter((arg) => arg.hidden !== true)
      .map((arg) =>
        arg.required === true ? arg.name.toUpperCase() : `[${arg.name.toUpperCase()}]`,
      );
    return [this.command.id, ...args, '[FLAGS]'].join(' ');
  }
}

/** The help of natsx: oclif's, with a usage line that fits on one line. */
export default class NatsxHelp extends Help {
  protected override CommandHelpClass = ShortUsage;
}
