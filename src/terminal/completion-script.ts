import type { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/interfaces';
// The plugin exports nothing, and as a plugin it would be loaded at each start: its generators are reached directly.
import ZshCompletion from '../../node_modules/@oclif/plugin-autocomplete/lib/autocomplete/zsh.js';
import PluginCreate from '../../node_modules/@oclif/plugin-autocomplete/lib/commands/autocomplete/create.js';

import type { CompletionCommand } from './text/completion-command.js';
import { fishCompletion } from './text/fish-completion.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The text that teaches a shell to complete natsx: bash and zsh by oclif's plugin, fish by natsx. */
export function completionScript(shell: Shell, config: Config): string {
  switch (shell) {
    case 'bash':
      return bashCompletion(config);
    case 'zsh':
      return zshCompletion(config);
    case 'fish':
      return fishCompletion(completionCommands(config), topicsOf(config));
  }
}

/** Names of contexts without starting natsx, which would be felt at each TAB. */
const CONTEXTS = `_natsx_contexts_list() {
  local file
  for file in "\${XDG_CONFIG_HOME:-$HOME/.config}"/nats/context/*.json; do
    [ -e "$file" ] || continue
    file="\${file##*/}"
    printf '%s\\n' "\${file%.json}"
  done
}`;

/** What the plugin has for bash, though it calls it private. */
interface BashGenerator {
  readonly bashCompletionFunction: string;
}

function bashCompletion(config: Config): string {
  const plugin = new PluginCreate([], config as never) as unknown as BashGenerator;
  const words = completionCommands(config).map((command) => command.words.join(':'));
  return `${plugin.bashCompletionFunction}
${CONTEXTS}

# The plugin looks for flags right behind the command only, and knows no contexts.
_natsx_complete() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  local known=" ${words.join(' ')} " command="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ "$known" == *" $command\${command:+:}$word"[\\ :]* ]] || break
    command="$command\${command:+:}$word"
  done
  if [[ "$prev" == "--context" || "$command" =~ ^context:(rm|select|show|validate)$ && "$cur" != -* ]]; then
    COMPREPLY=($(compgen -W "$(_natsx_contexts_list)" -- "$cur"))
  elif [[ "$cur" == -* ]]; then
    local COMP_WORDS=("\${COMP_WORDS[0]}" \${command//:/ } "$cur")
    local COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _natsx_autocomplete
  else
    _natsx_autocomplete
  fi
}
complete -o default -F _natsx_complete natsx
`;
}

function zshCompletion(config: Config): string {
  const script = new ZshCompletion(config as never).generate();
  return script
    .replaceAll(/(--context"\[[^\]]*\]):file:_files"/g, '$1:context:_natsx_contexts"')
    .replace(
      /\n_natsx\n$/,
      `\n${CONTEXTS}\n_natsx_contexts() {\n  compadd -- \${(f)"$(_natsx_contexts_list)"}\n}\n
if [ "$funcstack[1]" = "_natsx" ]; then
  _natsx "$@"
else
  compdef _natsx natsx
fi
`,
    );
}

/** Every command that help shows, aliases included. */
function completionCommands(config: Config): readonly CompletionCommand[] {
  return config.commands
    .filter((command) => !command.hidden)
    .flatMap((command) =>
      [command.id, ...command.aliases].map((id) => completionCommand(id, command)),
    )
    .sort((a, b) => (a.words.join(' ') < b.words.join(' ') ? -1 : 1));
}

function completionCommand(id: string, command: Command.Loadable): CompletionCommand {
  const flags = Object.values(command.flags).filter((flag) => flag.hidden !== true);
  return {
    words: id.split(':'),
    summary: command.summary ?? '',
    flags: flags.map((flag) => ({
      name: flag.name,
      char: flag.char,
      summary: flag.summary ?? '',
      takesValue: flag.type === 'option',
      options: flag.type === 'option' ? (flag.options ?? []) : [],
    })),
  };
}

/** What help says of each word that has commands behind it. */
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
