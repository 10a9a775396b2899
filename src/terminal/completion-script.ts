import type { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/interfaces';

import type { CompletionCommand, CompletionValue } from './text/completion.js';
import { completionTables } from './text/completion.js';
import { fishCompletion } from './text/fish-completion.js';
import { bashCompletion, zshCompletion } from './text/posix-completion.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The values of arguments that only features know, by command and argument: `backlog:explain id`. */
export type ArgumentValues = Readonly<Record<string, readonly string[]>>;

/** The text that makes a shell complete natsx. */
export function completionScript(shell: Shell, config: Config, values: ArgumentValues): string {
  const isConnection = (flag: string): boolean => !WAITS.has(flag) && isInGroup(config, flag);
  const commands = completionCommands(config, values);
  const tables = completionTables(commands, topicsOf(config), isConnection);
  switch (shell) {
    case 'bash':
      return bashCompletion(tables);
    case 'zsh':
      return zshCompletion(tables);
    case 'fish':
      return fishCompletion(tables);
  }
}

/** A completion waits a second at most, whatever the command would wait. */
const WAITS: ReadonlySet<string> = new Set(['timeout', 'wait-for-server', 'give-up-after']);

function isInGroup(config: Config, name: string): boolean {
  return config.commands.some(({ flags }) => flags[name]?.helpGroup === 'CONNECTION');
}

/** Every command that help shows, aliases included. */
function completionCommands(config: Config, values: ArgumentValues): readonly CompletionCommand[] {
  return config.commands
    .filter((command) => !command.hidden)
    .flatMap((command) =>
      [...new Set([command.id, ...command.aliases])].map((id) =>
        completionCommand(id, command, values),
      ),
    )
    .sort((a, b) => (a.words < b.words ? -1 : 1));
}

function completionCommand(
  id: string,
  command: Command.Loadable,
  values: ArgumentValues,
): CompletionCommand {
  const args = Object.values(command.args).filter(({ hidden }) => hidden !== true);
  const flags = Object.values(command.flags).filter(({ hidden }) => hidden !== true);
  return {
    words: id.replaceAll(':', ' '),
    summary: command.summary ?? '',
    args: args.map(
      ({ name, options }) =>
        options ?? values[`${command.id} ${name}`] ?? argumentValue(command.id, name),
    ),
    repeats: args.at(-1)?.multiple === true,
    flags: flags.map((flag) => ({
      name: flag.name,
      char: flag.char,
      summary: flag.summary ?? '',
      value:
        flag.type === 'option'
          ? (flag.options ?? flagValue(flag.name, [flag.helpValue].flat()[0]))
          : undefined,
    })),
  };
}

/** Names that do not exist yet cannot be completed. */
function argumentValue(id: string, name: string): CompletionValue {
  if (id === `${name}:create`) return [];
  if (name === 'stream') return '@streams';
  if (name === 'consumer') return '@consumers';
  if (id.startsWith('context:') && name === 'name') return '@contexts';
  return name === 'file' || name === 'dir' || id === 'bench:compare' ? '@files' : [];
}

function flagValue(name: string, helpValue = ''): CompletionValue {
  if (name === 'context' || name === 'system-context') return '@contexts';
  if (name === 'stream' || helpValue === '<stream>') return '@streams';
  if (name === 'durable' || helpValue === '<consumer>') return '@consumers';
  // Words that are not checked against the list, because others are accepted as well.
  if (/^[a-z-]+(\|[a-z-]+)+$/.test(helpValue)) return helpValue.split('|');
  return /^<(file|folder)>/.test(helpValue) ? '@files' : [];
}

/** What help says of each first word that has commands below it. */
function topicsOf(config: Config): ReadonlyMap<string, string> {
  const topics = config.commands
    .filter((command) => !command.hidden && command.id.includes(':'))
    .map((command) => command.id.split(':')[0] ?? '');
  return new Map(
    [...new Set(topics)].map((topic) => [
      topic,
      config.topics.find(({ name }) => name === topic)?.description ?? '',
    ]),
  );
}
