import { CommandHelp, Help } from '@oclif/core/help';
import type { HelpSection } from '@oclif/core/help';
import type * as Interfaces from '@oclif/core/interfaces';

/** What a reader looks for first stands first; the flags that every command has come last. */
const SECTIONS = ['USAGE', 'DESCRIPTION', 'EXAMPLES', 'ARGUMENTS', 'FLAGS', 'ALIASES'];
const LAST_GROUPS = ['OUTPUT', 'CONNECTION'];

type Sections = ReturnType<CommandHelp['sections']>;

/** The help of one command, in natsx's order. */
class OrderedCommandHelp extends CommandHelp {
  /** oclif lists every flag in the usage line; with the common flags that hides what matters. */
  protected override defaultUsage(): string {
    const args = Object.values(this.command.args)
      .filter((arg) => arg.hidden !== true)
      .map(({ name, required, multiple }) => {
        const word = `${name.toUpperCase()}${multiple === true ? '...' : ''}`;
        return required === true ? word : `[${word}]`;
      });
    return [this.command.id, ...args, '[FLAGS]'].join(' ');
  }

  /** Without the summary, which is the first line of the help already. */
  protected override description(): string | undefined {
    return this.command.description === undefined ? undefined : this.wrap(this.command.description);
  }

  protected override sections(): Sections {
    const rank = (header: string): number => SECTIONS.indexOf(header) >>> 0;
    return super
      .sections()
      .sort((a, b) => rank(a.header) - rank(b.header))
      .map((section) => (section.header === 'FLAGS' ? withOrderedGroups(section) : section));
  }
}

/** oclif puts groups in the order of the alphabet of their flags, and calls each of them FLAGS. */
function withOrderedGroups(section: Sections[number]): Sections[number] {
  const rank = (header: string): number => LAST_GROUPS.indexOf(header);
  return {
    ...section,
    generate: (data, header) => {
      const groups = section.generate(data, header);
      if (!Array.isArray(groups)) return groups;
      return groups
        .map((group): HelpSection => group && { ...group, header: groupName(group.header) })
        .sort((a, b) => rank(a?.header ?? '') - rank(b?.header ?? ''));
    },
  };
}

function groupName(header: string): string {
  return header === 'FLAGS' ? header : header.replace(/ FLAGS$/, '');
}

/** The help of natsx. */
export default class NatsxHelp extends Help {
  protected override CommandHelpClass = OrderedCommandHelp;

  constructor(config: Interfaces.Config, options: Partial<Interfaces.HelpOptions> = {}) {
    super(config, { ...options, hideAliasesFromRoot: true });
  }

  /** A topic that is a command as well stands among the commands. */
  protected override formatTopics(topics: Interfaces.Topic[]): string {
    return super.formatTopics(topics.filter(({ name }) => !this.config.commandIDs.includes(name)));
  }
}
