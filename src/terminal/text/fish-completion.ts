import type { CompletionRow, CompletionTables } from './completion.js';

/** Completion for fish: the same tables and the same walk through the command line as in bash and zsh. */
export function fishCompletion(tables: CompletionTables): string {
  return `${table('__natsx_words', tables.words)}
${table(
  '__natsx_own_flags',
  tables.flags.filter(({ key }) => key !== '*'),
)}
${table(
  '__natsx_common_flags',
  tables.flags.filter(({ key }) => key === '*'),
)}
${table('__natsx_value_of', tables.values)}
${table('__natsx_argument', tables.args)}
# Fails for a flag without a value.
function __natsx_value
    __natsx_value_of "$argv[1] $argv[2]"; or __natsx_value_of "$argv[2]"
end
function __natsx_is_connection
    contains -- $argv[1] ${tables.connection.join(' ')}
end
${WALK}`;
}

const WALK = `function __natsx_contexts
    set -l config $XDG_CONFIG_HOME
    test -n "$config"; or set config ~/.config
    for file in $config/nats/context/*.json
        string replace --regex '.*/(.*)\\.json$' '$1' $file
    end
end
function __natsx_candidates
    set -l cur (commandline -ct)
    set -l command
    set -l flag
    set -l first
    set -l stream
    set -l count 0
    set -l connection
    for word in (commandline -opc)[2..-1]
        if test -n "$flag"
            __natsx_is_connection $flag; and set -a connection $flag $word
            test "$flag" = --stream; and set stream $word
            set flag
            continue
        end
        switch $word
            case --
                return
            case '-*=*'
                set -l parts (string split -m 1 = -- $word)
                __natsx_is_connection $parts[1]; and set -a connection $parts
                test "$parts[1]" = --stream; and set stream $parts[2]
            case '-*'
                __natsx_value "$command" $word >/dev/null; and set flag $word
            case '*'
                if test $count -eq 0; and __natsx_words "$command" | string match --quiet -- "$word"\\t'*'
                    set command (string trim "$command $word")
                else
                    test $count -eq 0; and set first $word
                    set count (math $count + 1)
                end
        end
    end
    set -l prefix ''
    if string match --quiet -- '-*=*' $cur
        set flag (string split -m 1 = -- $cur)[1]
        set prefix "$flag="
    end
    set -l kind
    if test -n "$flag"
        set kind (__natsx_value "$command" $flag)
    else if string match --quiet -- '-*' $cur
        __natsx_own_flags "$command"
        __natsx_common_flags '*'
        return
    else
        test $count -eq 0; and __natsx_words "$command"
        set kind (__natsx_argument "$command $count")
    end
    switch "$kind[1]"
        case @contexts
            __natsx_contexts
        case @files
            __fish_complete_path (string replace -- "$prefix" '' $cur)
        case '@*'
            natsx complete (string sub -s 2 -- $kind[1]) (test -n "$stream"; and echo $stream; or echo "$first") --timeout 1s $connection 2>/dev/null
        case ''
            return
        case '*'
            printf '%s\\n' $prefix$kind
    end
end
complete -c natsx -f -a '(__natsx_candidates)'
`;

/** A function that prints the lines of the row with this key, and fails if there is none. */
function table(name: string, rows: readonly CompletionRow[]): string {
  const cases = rows.map(({ key, lines }) => {
    const body = lines.length === 0 ? 'true' : `printf '%s\\n' ${lines.map(quoted).join(' ')}`;
    return `        case ${quoted(key)}\n            ${body}`;
  });
  return `function ${name}
    switch "$argv[1]"
${cases.join('\n')}
        case '*'
            return 1
    end
end`;
}

/** fish has only two escapes in single quotes; `*` is a pattern in `case` even so. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
