import { wrap } from './findings-text.js';
import type { Style } from './style.js';

/** A command as help shows it. */
export interface HelpCommand {
  /** The words that a user types, such as `context ls`. */
  readonly words: string;
  readonly summary: string;
  readonly description: string;
  /** Arguments with their descriptions, such as `[SUBJECT...]`. */
  readonly args: readonly HelpEntry[];
  readonly examples: readonly HelpExample[];
  readonly flags: readonly HelpFlag[];
  readonly aliases: readonly string[];
  /** Whether it connects to a server, so that connection flags matter. */
  readonly connects: boolean;
}

export interface HelpEntry {
  readonly label: string;
  readonly text: string;
}

export interface HelpExample {
  readonly description: string;
  readonly command: string;
}

export interface HelpFlag {
  readonly name: string;
  readonly char: string | undefined;
  /** The placeholder of its value, such as `<duration>`. */
  readonly value: string | undefined;
  readonly multiple: boolean;
  readonly text: string;
  readonly group: string;
}

/** Commands for one purpose. */
export interface HelpGroup {
  readonly title: string;
  /** First words with their summaries, and the commands below each. */
  readonly members: readonly (HelpEntry & { readonly below: readonly string[] })[];
}

export interface HelpView {
  readonly style: Style;
  readonly width: number;
}

/** Lines of the help that `-h` prints, and the prompt below it: a terminal of 80×24 shows both. */
const SCREEN_LINES = 23;
const SHORT_EXAMPLES = 3;
const LABEL_COLUMNS = 28;
const OUTPUT_GROUP = 'OUTPUT';
const CONNECTION_GROUP = 'CONNECTION';

/** All of natsx: every command in its group. */
export function rootHelp(about: string, groups: readonly HelpGroup[], view: HelpView): string {
  const width = Math.max(
    ...groups.flatMap(({ members }) => members.map(({ label }) => label.length)),
  );
  const sections = groups.map(({ title, members }) => {
    const lines = members.flatMap(({ label, text, below }) => {
      const room = view.width - width - 4;
      const body = wrap(text, room, ' '.repeat(width + 4)).trimStart();
      const first = `  ${view.style.key(label)}${' '.repeat(width - label.length)}  ${body}`;
      if (below.length === 0) return [first];
      const more = wrap(`also ${below.join(', ')}`, room, ' '.repeat(width + 4));
      return [first, view.style.dim(more)];
    });
    return section(title, lines.join('\n'), view);
  });
  const usage = section('USAGE', '  $ natsx COMMAND [ARGUMENTS] [FLAGS]', view);
  return page([about, usage, ...sections, rootFoot()]);
}

/** All of natsx on one screen: the names of the commands. */
export function shortRootHelp(about: string, groups: readonly HelpGroup[], view: HelpView): string {
  const width = Math.max(...groups.map(({ title }) => title.length)) + 2;
  const lines = groups.map(({ title, members }) => {
    const names = wrap(
      members.map(({ label }) => label).join(', '),
      view.width - width - 2,
      ' '.repeat(width + 2),
    );
    return `  ${view.style.heading(title.toLowerCase().padEnd(width))}${names.trimStart()}`;
  });
  const usage = section('USAGE', '  $ natsx COMMAND [ARGUMENTS] [FLAGS]', view);
  return page([about, usage, section('COMMANDS', lines.join('\n'), view), rootFoot()]);
}

function rootFoot(): string {
  return [
    'natsx COMMAND -h       usage, examples and the most used flags of a command',
    'natsx COMMAND --help   everything about a command',
    'natsx --help           all commands',
    'natsx help connection  the flags for servers, credentials and contexts',
  ].join('\n');
}

/** A topic: its commands, and an example of each of the first few. */
export function topicHelp(
  topic: HelpEntry,
  commands: readonly HelpCommand[],
  view: HelpView,
  isShort: boolean,
): string {
  const usage = section('USAGE', `  $ natsx ${topic.label} COMMAND [FLAGS]`, view);
  const room = SCREEN_LINES - commands.length - 10;
  const examples = commands.flatMap(({ examples: [first] }) =>
    first === undefined ? [] : [first],
  );
  const shown = isShort ? examples.slice(0, Math.max(0, room)) : examples;
  return page([
    topic.text,
    usage,
    section('COMMANDS', commandLines(commands, view), view),
    shown.length === 0
      ? ''
      : section(
          'EXAMPLES',
          isShort
            ? shown.map((one) => exampleLine(one, view)).join('\n')
            : exampleBlocks(shown, view),
          view,
        ),
    `more: natsx ${topic.label} COMMAND --help`,
  ]);
}

/** Everything about a command. */
export function commandHelp(
  command: HelpCommand,
  below: readonly HelpCommand[],
  view: HelpView,
): string {
  const groups = [...new Set(command.flags.map(({ group }) => group))]
    .filter((group) => group !== CONNECTION_GROUP)
    .sort((a, b) => Number(a === OUTPUT_GROUP) - Number(b === OUTPUT_GROUP));
  const flags = groups.map((group) =>
    section(
      group,
      entryLines(command.flags.filter((flag) => flag.group === group).map(flagEntry), view),
      view,
    ),
  );
  const paragraphs = command.description
    .split('\n')
    .map((line) => wrap(line, view.width - 2, '  '));
  return page([
    command.summary,
    usageSection(command, view),
    section('DESCRIPTION', paragraphs.map((text) => text.trimEnd()).join('\n'), view),
    below.length === 0 ? '' : section('COMMANDS', commandLines(below, view), view),
    section('EXAMPLES', exampleBlocks(command.examples, view), view),
    command.args.length === 0 ? '' : section('ARGUMENTS', entryLines(command.args, view), view),
    ...flags,
    command.connects ? 'connection flags: natsx help connection' : '',
  ]);
}

/** A command on one screen: usage, examples, and as many flags as fit, those of the examples first. */
export function shortCommandHelp(
  command: HelpCommand,
  below: readonly HelpCommand[],
  view: HelpView,
): string {
  const more = `more: natsx ${command.words} --help${command.connects ? '; connection flags: natsx help connection' : ''}`;
  const commands =
    below.length === 0
      ? ''
      : wrap(below.map(({ words }) => words).join(', '), view.width - 2, '  ');
  const head = [
    command.summary,
    usageSection(command, view),
    commands === '' ? '' : section('COMMANDS', commands, view),
    section(
      'EXAMPLES',
      command.examples
        .slice(0, SHORT_EXAMPLES)
        .map((one) => exampleLine(one, view))
        .join('\n'),
      view,
    ),
  ];
  const room = SCREEN_LINES - page(head).split('\n').length - 3;
  const own = byUse(command).filter(({ group }) => group !== CONNECTION_GROUP);
  const isOwn = ({ group }: HelpFlag): boolean => group !== OUTPUT_GROUP;
  const all = [...own.filter(isOwn), ...own.filter((flag) => !isOwn(flag))];
  const { shown, text } = fittingFlags(all, room, view);
  const title = shown < all.length ? `FLAGS (${shown} of ${all.length})` : 'FLAGS';
  return page([...head, section(title, text, view), more]);
}

/** The flags with which every command connects. */
export function connectionHelp(flags: readonly HelpFlag[], view: HelpView): string {
  return page([
    'how to reach a server and log in; every command has these flags',
    section(
      CONNECTION_GROUP,
      entryLines(flags.filter(({ group }) => group === CONNECTION_GROUP).map(flagEntry), view),
      view,
    ),
    section(
      'EXAMPLES',
      exampleBlocks(
        [
          { description: 'One server', command: 'natsx rtt --server nats://127.0.0.1:4222' },
          { description: 'The settings of a context', command: 'natsx rtt --context prod' },
          {
            description: 'A server that is still starting',
            command: 'natsx rtt --wait-for-server 30s',
          },
        ],
        view,
      ),
      view,
    ),
    'natsx context save NAME stores these settings; natsx context show prints them',
  ]);
}

/** Parts with an empty line between them, ending with a line feed. */
function page(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function section(title: string, body: string, { style }: HelpView): string {
  return `${style.heading(title)}\n${body}`;
}

function usageSection(command: HelpCommand, view: HelpView): string {
  const words = [command.words, ...command.args.map(({ label }) => label), '[FLAGS]'].join(' ');
  const also = command.aliases.map((alias) => `  $ natsx ${alias} …`);
  return section('USAGE', [`  $ natsx ${words}`, ...also].join('\n'), view);
}

function commandLines(commands: readonly HelpCommand[], view: HelpView): string {
  return entryLines(
    commands.map(({ words, summary }) => ({ label: words, text: summary })),
    view,
  );
}

/** Labels in a column of at most 28 characters; the text of a longer one begins on the next line. */
function entryLines(entries: readonly HelpEntry[], view: HelpView): string {
  const fitting = entries
    .map(({ label }) => label.length)
    .filter((length) => length <= LABEL_COLUMNS);
  const width = Math.max(...fitting, 8);
  const indent = ' '.repeat(width + 4);
  return entries
    .map(({ label, text }) => {
      const body = wrap(text, view.width - indent.length, indent);
      return label.length > width
        ? `  ${label}\n${body}`
        : `  ${label.padEnd(width)}  ${body.trimStart()}`;
    })
    .join('\n');
}

function flagEntry(flag: HelpFlag): HelpEntry {
  return { label: flagLabel(flag), text: flag.text };
}

function flagLabel({ char, name, value, multiple }: HelpFlag): string {
  const short = char === undefined ? '    ' : `-${char}, `;
  if (value === undefined) return `${short}--${name}`;
  // One that may be left out begins with a bracket.
  return `${short}--${name}${value.startsWith('[') ? '' : '='}${value}${multiple ? '...' : ''}`;
}

function exampleBlocks(examples: readonly HelpExample[], view: HelpView): string {
  return examples
    .map((one) => `${wrap(one.description, view.width - 2, '  ')}\n${exampleLine(one, view)}`)
    .join('\n\n');
}

/** A command after a prompt; a long one continues after a backslash, and no flag is separated from its value. */
function exampleLine({ command }: HelpExample, { width }: HelpView): string {
  const room = width - 6;
  if (command.length <= room) return `    $ ${command}`;
  const lines: string[] = [];
  for (const piece of command.split(/ (?=--?[a-zA-Z]|[|&] |&& |[12]?> )/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + piece.length + 3 <= room)
      lines[lines.length - 1] = `${last} ${piece}`;
    else lines.push(lines.length === 0 ? piece : `    ${piece}`);
  }
  return lines.map((line, at) => `    ${at === 0 ? '$ ' : '  '}${line}`).join(' \\\n');
}

/** Flags in the order in which the examples use them, then the others. */
function byUse({ flags, examples }: HelpCommand): readonly HelpFlag[] {
  const text = examples.map(({ command }) => command).join(' ');
  const place = ({ name, char }: HelpFlag): number => {
    const at = text.search(
      new RegExp(`(?:--${name}|${char === undefined ? '(?!)' : ` -${char}`})(?![\\w-])`),
    );
    return at === -1 ? Infinity : at;
  };
  return [...flags].sort((a, b) => {
    const [first, second] = [place(a), place(b)];
    return first === second ? 0 : first - second;
  });
}

/** As many of the flags as fit this many lines, each with a description that is not cut inside a clause. */
function fittingFlags(
  flags: readonly HelpFlag[],
  room: number,
  view: HelpView,
): { readonly shown: number; readonly text: string } {
  const chosen: HelpEntry[] = [];
  for (const flag of flags) {
    const label = flagLabel(flag);
    const entry = { label, text: mainClause(flag.text, view.width - LABEL_COLUMNS - 4) };
    const lines = entryLines([...chosen, entry], view).split('\n').length;
    if (lines <= room) chosen.push(entry);
    else if (lines > room + 1) break;
  }
  return { shown: chosen.length, text: entryLines(chosen, view) };
}

/** The whole text if it fits the width; otherwise what is before its brackets, or before its first semicolon. */
function mainClause(text: string, width: number): string {
  if (text.length <= width) return text;
  const plain = text.replaceAll(/ (\([^)]*\)|\[[^\]]*\])/g, '');
  return plain.length <= width ? plain : (/^.*?(?=; |$)/.exec(plain)?.[0] ?? plain);
}
