import type { Command } from '@oclif/core/command';
import { Help } from '@oclif/core/help';
import type * as Interfaces from '@oclif/core/interfaces';

import { wantsColour } from './colour.js';
import type { HelpCommand, HelpFlag, HelpGroup, HelpView } from './text/help-text.js';
import {
  commandHelp,
  connectionHelp,
  rootHelp,
  shortCommandHelp,
  shortRootHelp,
  topicHelp,
} from './text/help-text.js';
import { createStyle } from './text/style.js';

/** First words by purpose; those that are in none of them are listed below the last. */
const GROUPS: readonly (readonly [title: string, words: readonly string[]])[] = [
  ['MESSAGES', ['pub', 'sub', 'queue-sub', 'request', 'reply', 'record', 'replay']],
  ['STREAMS AND CONSUMERS', ['stream', 'consumer', 'schedule', 'backlog', 'history']],
  ['CHECKS', ['doctor', 'bundle', 'verify', 'bench']],
  ['CONNECTIONS', ['info', 'rtt', 'connections', 'context']],
  ['FIRST STEPS', ['demo', 'autocomplete']],
];

const COLUMNS = 80;
const MOST_COLUMNS = 100;

/** Commands that do not connect to a server. */
const OFFLINE: ReadonlySet<string> = new Set([
  'autocomplete',
  'backlog explain',
  'bench compare',
  'bundle ls',
  'context ls',
  'context rm',
  'context select',
  'demo',
  'doctor explain',
]);

/** Help: one screen with `-h`, everything with `--help`, and `natsx help connection`. */
export default class NatsxHelp extends Help {
  #isShort = false;
  #colour = wantsColour(process.stdout, process.env);

  override async showHelp(argv: string[]): Promise<void> {
    this.#isShort = argv.includes('-h') && !argv.includes('--help');
    if (argv.includes('--no-color')) this.#colour = false;
    const words = argv.filter((word) => !word.startsWith('-'));
    if (words.length === 0 && argv.includes('--json')) await this.#print(this.#json());
    else if (words.length === 1 && words[0] === 'connection') this.#showConnectionHelp();
    else await super.showHelp(argv);
  }

  override showRootHelp(): Promise<void> {
    const show = this.#isShort ? shortRootHelp : rootHelp;
    return this.#print(show(String(this.config.pjson['description']), this.#groups(), this.#view));
  }

  override showCommandHelp(command: Command.Loadable): Promise<void> {
    const show = this.#isShort ? shortCommandHelp : commandHelp;
    // An alias shows the help of its command.
    const { id } =
      this.config.commands.find(
        (one) => one.aliases.includes(command.id) && !one.aliases.includes(one.id),
      ) ?? command;
    return this.#print(show(helpCommand({ ...command, id }), this.#below(id), this.#view));
  }

  protected override showTopicHelp({ name, description }: Interfaces.Topic): Promise<void> {
    const topic = { label: name, text: description ?? '' };
    return this.#print(topicHelp(topic, this.#below(name), this.#view, this.#isShort));
  }

  #showConnectionHelp(): void {
    const [command] = this.sortedCommands;
    if (command !== undefined)
      void this.#print(connectionHelp(helpCommand(command).flags, this.#view));
  }

  /** The help of all commands as data, for man pages and the like. */
  #json(): string {
    const own = this.sortedCommands.filter(({ aliases, id }) => !aliases.includes(id));
    return `${JSON.stringify({ groups: this.#groups(), commands: own.map(helpCommand) })}\n`;
  }

  #print(text: string): Promise<void> {
    process.stdout.write(text);
    return Promise.resolve();
  }

  get #view(): HelpView {
    const { isTTY, columns } = process.stdout;
    const width = isTTY && columns > 0 ? Math.min(columns, MOST_COLUMNS) : COLUMNS;
    return { style: createStyle(this.#colour), width };
  }

  /** The commands one word further. */
  #below(id: string): readonly HelpCommand[] {
    const words = id.replaceAll(' ', ':');
    return this.sortedCommands
      .filter(
        (command) => command.id.startsWith(`${words}:`) && !command.aliases.includes(command.id),
      )
      .map(helpCommand);
  }

  #groups(): readonly HelpGroup[] {
    const aliases = new Set(this.config.commands.flatMap((command) => command.aliases));
    const ids = this.sortedCommands.map(({ id }) => id).filter((id) => !aliases.has(id));
    const first = [...new Set(ids.map((id) => id.split(':')[0] ?? ''))];
    const grouped = new Set(GROUPS.flatMap(([, words]) => words));
    const others = first.filter((word) => !grouped.has(word));
    return [...GROUPS, ['OTHER', others] as const]
      .map(([title, words]) => ({
        title,
        members: words.filter((word) => first.includes(word)).map((word) => this.#member(word)),
      }))
      .filter(({ members }) => members.length > 0);
  }

  #member(word: string): HelpGroup['members'][number] {
    const summary = this.config.findCommand(word)?.summary;
    const text = summary ?? this.config.findTopic(word)?.description ?? '';
    const below = this.#below(word).map(({ words }) => words.slice(word.length + 1));
    return { label: word, text, below };
  }
}

function helpCommand(command: Command.Loadable): HelpCommand {
  const named = (text: string): string => text.replaceAll('<%= config.bin %>', 'natsx');
  const examples = (command.examples ?? []).flatMap((example) =>
    typeof example === 'string'
      ? []
      : [{ description: example.description, command: named(example.command) }],
  );
  const words = command.id.replaceAll(':', ' ');
  const args = Object.values(command.args).filter(({ hidden }) => hidden !== true);
  return {
    words,
    summary: command.summary ?? '',
    description: named(command.description ?? ''),
    args: args.map(({ name, required, multiple, description, options }) => {
      const word = `${name.toUpperCase()}${multiple === true ? '...' : ''}`;
      const choices = options === undefined ? '' : ` (${options.join(', ')})`;
      return {
        label: required === true ? word : `[${word}]`,
        text: `${description ?? ''}${choices}`,
      };
    }),
    examples,
    flags: helpFlags(command),
    aliases: command.aliases.map((alias) => alias.replaceAll(':', ' ')),
    connects: !OFFLINE.has(words),
  };
}

/** Those with a letter first, then in alphabetical order. */
function helpFlags({ flags }: Command.Loadable): readonly HelpFlag[] {
  return Object.values(flags)
    .filter(({ hidden }) => hidden !== true)
    .map((flag) => {
      const isOption = flag.type === 'option';
      const choices =
        isOption && flag.helpValue === undefined ? flag.options?.join('|') : undefined;
      const value = isOption ? ([flag.helpValue].flat()[0] ?? choices ?? '<value>') : undefined;
      const standard =
        isOption && typeof flag.default !== 'object' ? (flag.default as string) : undefined;
      const text = [
        flag.required === true ? '(required) ' : '',
        flag.summary ?? '',
        standard === undefined ? '' : ` [default: ${standard}]`,
      ].join('');
      const { name, char, helpGroup: group = 'FLAGS' } = flag;
      return { name, char, value, multiple: isOption && flag.multiple === true, text, group };
    })
    .sort((a, b) => {
      const [first, second] = [a, b].map(({ char, name }) => `${char ?? '~'} ${name}`);
      return (first ?? '') < (second ?? '') ? -1 : 1;
    });
}
