import type { CompletionCommand, CompletionFlag } from './completion-command.js';

/** Commands whose argument is the name of a context. */
const TAKES_CONTEXT = ['rm', 'select', 'show', 'validate'];

/** Completion for fish: one `complete` line for each command, topic and flag. */
export function fishCompletion(
  commands: readonly CompletionCommand[],
  topics: ReadonlyMap<string, string>,
): string {
  const lines = [
    PREAMBLE,
    ...commandLines(commands, topics),
    ...commands.flatMap(flagLines),
    ...TAKES_CONTEXT.map(
      (word) => `complete -c natsx -n '__natsx_at context ${word}' -a '(__natsx_contexts)'`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const PREAMBLE = `function __natsx_words
    set -l words (commandline -opc)
    string match --invert -- '-*' $words[2..-1]
end
function __natsx_at
    set -l words (__natsx_words)
    test "$words" = "$argv"
end
function __natsx_using
    set -l words (__natsx_words)
    string match --quiet -- "$argv *" "$words "
end
function __natsx_contexts
    set -l config $XDG_CONFIG_HOME
    test -n "$config"; or set config ~/.config
    for file in $config/nats/context/*.json
        string replace --regex '.*/(.*)\\.json$' '$1' $file
    end
end
complete -c natsx -f`;

/** The first word, and after each topic the second one. */
function commandLines(
  commands: readonly CompletionCommand[],
  topics: ReadonlyMap<string, string>,
): readonly string[] {
  const firstWords = new Map(topics);
  for (const { words, summary } of commands) {
    if (words.length === 1) firstWords.set(words[0] ?? '', summary);
  }
  const atTop = [...firstWords].map(
    ([word, summary]) => `complete -c natsx -n __natsx_at -a ${word} -d ${quoted(summary)}`,
  );
  const behindTopics = commands
    .filter(({ words }) => words.length > 1)
    .map(({ words, summary }) => {
      const topic = words.slice(0, -1).join(' ');
      return `complete -c natsx -n '__natsx_at ${topic}' -a ${words.at(-1) ?? ''} -d ${quoted(summary)}`;
    });
  return [...atTop, ...behindTopics];
}

function flagLines({ words, flags }: CompletionCommand): readonly string[] {
  return flags.map((flag) => {
    const short = flag.char === undefined ? '' : ` -s ${flag.char}`;
    return `complete -c natsx -n '__natsx_using ${words.join(' ')}'${short} -l ${flag.name}${valueOf(flag)} -d ${quoted(flag.summary)}`;
  });
}

function valueOf(flag: CompletionFlag): string {
  if (flag.name === 'context') return " -x -a '(__natsx_contexts)'";
  if (flag.options.length > 0) return ` -x -a ${quoted(flag.options.join(' '))}`;
  // The value may be a file.
  return flag.takesValue ? ' -r -F' : '';
}

/** fish has only two escapes in single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
