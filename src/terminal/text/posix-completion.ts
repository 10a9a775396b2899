import type { CompletionRow, CompletionTables } from './completion.js';

/** Functions for bash and zsh that print the candidates for a command line, one per line, with descriptions. */
function candidateFunctions(tables: CompletionTables): string {
  return `${table('_natsx_words', tables.words)}
${table(
  '_natsx_own_flags',
  tables.flags.filter(({ key }) => key !== '*'),
)}
${table(
  '_natsx_common_flags',
  tables.flags.filter(({ key }) => key === '*'),
)}
${table('_natsx_value_of', tables.values)}
${table('_natsx_argument', tables.args)}
# Fails for a flag without a value.
_natsx_value() {
  _natsx_value_of "$1 $2" || _natsx_value_of "$2"
}
_natsx_is_connection() {
  case "$1" in
  ${tables.connection.join(' | ')}) return 0 ;;
  esac
  return 1
}
${WALK}`;
}

const WALK = `# Without starting natsx, which would be noticed at each TAB.
_natsx_contexts() {
  local file
  for file in "\${XDG_CONFIG_HOME:-$HOME/.config}"/nats/context/*.json; do
    [ -e "$file" ] || continue
    file="\${file##*/}"
    printf '%s\\n' "\${file%.json}"
  done
}
# The word to complete, then the words before it.
_natsx_candidates() {
  if [ -n "\${ZSH_VERSION-}" ]; then emulate -L ksh; fi
  local cur="$1" command="" flag="" word="" kind="" first="" stream="" count=0
  local -a connection
  connection=()
  shift
  for word in "$@"; do
    if [ -n "$flag" ]; then
      if _natsx_is_connection "$flag"; then connection+=("$flag" "$word"); fi
      if [ "$flag" = --stream ]; then stream="$word"; fi
      flag=""
      continue
    fi
    case "$word" in
    --) return 0 ;;
    -*=*)
      if _natsx_is_connection "\${word%%=*}"; then connection+=("\${word%%=*}" "\${word#*=}"); fi
      if [ "\${word%%=*}" = --stream ]; then stream="\${word#*=}"; fi
      ;;
    -*) if _natsx_value "$command" "$word" >/dev/null; then flag="$word"; fi ;;
    *)
      if [ "$count" -eq 0 ] && _natsx_words "$command" | grep -q "^$word	"; then
        command="$command\${command:+ }$word"
      else
        if [ "$count" -eq 0 ]; then first="$word"; fi
        count=$((count + 1))
      fi
      ;;
    esac
  done
  case "$cur" in
  -*=*) flag="\${cur%%=*}" ;;
  esac
  if [ -n "$flag" ]; then
    kind="$(_natsx_value "$command" "$flag")"
  else
    case "$cur" in
    -*)
      _natsx_own_flags "$command"
      _natsx_common_flags '*'
      return 0
      ;;
    esac
    if [ "$count" -eq 0 ]; then _natsx_words "$command"; fi
    kind="$(_natsx_argument "$command $count")"
  fi
  case "$kind" in
  @contexts) _natsx_contexts ;;
  @files) printf '@files\\n' ;;
  @*) natsx complete "\${kind#@}" "\${stream:-$first}" --timeout 1s "\${connection[@]}" 2>/dev/null ;;
  ?*) printf '%s\\n' "$kind" ;;
  esac
  return 0
}`;

/** A function that prints the lines of the row with this key, and fails if there is none. */
function table(name: string, rows: readonly CompletionRow[]): string {
  const cases = rows.map(({ key, lines }) => {
    const body = lines.length === 0 ? ':' : `printf '%s\\n' ${lines.map(quoted).join(' ')}`;
    return `  ${quoted(key)}) ${body} ;;`;
  });
  return `${name}() {
  case "$1" in
${cases.join('\n')}
  *) return 1 ;;
  esac
}`;
}

export function bashCompletion(tables: CompletionTables): string {
  return `${candidateFunctions(tables)}
# COMP_WORDS breaks words at ":" and "="; the line does not.
_natsx_complete() {
  local line="\${COMP_LINE:0:COMP_POINT}" cur="" prefix candidate rest
  local -a words
  read -ra words <<<"$line"
  if [[ "$line" != *[[:space:]] ]]; then
    cur="\${words[\${#words[@]}-1]}"
    unset "words[\${#words[@]}-1]"
  fi
  prefix="$cur"
  [[ "$cur" == -*=* ]] && prefix="\${cur#*=}"
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate rest; do
    if [[ "$candidate" == @files ]]; then
      compopt -o filenames 2>/dev/null
      while read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "$prefix")
    elif [[ "$candidate" == "$prefix"* ]]; then
      COMPREPLY+=("$candidate")
    fi
  done < <(_natsx_candidates "$cur" "\${words[@]:1}")
}
complete -F _natsx_complete natsx
`;
}

export function zshCompletion(tables: CompletionTables): string {
  return `#compdef natsx
${candidateFunctions(tables)}
_natsx() {
  local -a described
  local line
  local cur="\${words[CURRENT]}"
  for line in "\${(@f)$(_natsx_candidates "$cur" "\${(@)words[2,CURRENT-1]}")}"; do
    if [[ "$line" == @files ]]; then
      _files
      return
    fi
    [[ -n "$line" ]] && described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  [[ "$cur" == -*=* ]] && compset -P '*='
  _describe natsx described
}
if [ "\${funcstack[1]}" = "_natsx" ]; then
  _natsx "$@"
else
  compdef _natsx natsx
fi
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
