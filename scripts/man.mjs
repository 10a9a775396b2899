#!/usr/bin/env node
/**
 * `node scripts/man.mjs [FOLDER]` writes the man pages: `natsx.1`, and one for each command, such as
 * `natsx-stream-get.1`. They are made from the same data as `--help`. Default folder: `man`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { flagGroups, flagLabel, readHelp, usageOf } from './help-data.mjs';
import { root } from './ready.mjs';

/** @typedef {import('./help-data.mjs').HelpCommand} HelpCommand */
/** @typedef {import('./help-data.mjs').HelpData} HelpData */

/**
 * @param {string} folder emptied first
 * @returns {Promise<string[]>} the names of the files
 */
export async function writeManPages(folder) {
  const help = await readHelp();
  const pages = new Map([
    ['natsx.1', rootPage(help)],
    ...help.commands.map(
      (command) =>
        /** @type {const} */ ([
          `natsx-${command.words.replaceAll(' ', '-')}.1`,
          commandPage(command, help),
        ]),
    ),
  ]);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of pages) writeFileSync(join(folder, name), text);
  return [...pages.keys()];
}

/** @param {HelpData} help */
function rootPage({ groups, commands, version }) {
  const summaries = new Map(commands.map(({ words, summary }) => [words, summary]));
  return page('natsx', version, [
    section('NAME', `natsx \\- ${text('operations tool for NATS')}`),
    section('SYNOPSIS', `\\fBnatsx\\fR ${text('COMMAND [ARGUMENTS] [FLAGS]')}`),
    ...groups.map(({ title, members }) =>
      section(
        title,
        members
          .flatMap(({ label, text: about, below }) => [
            [label, about],
            ...below.map((word) => [`${label} ${word}`, summaries.get(`${label} ${word}`) ?? '']),
          ])
          .map(([label = '', about = '']) => entry(`\\fBnatsx ${text(label)}\\fR`, about))
          .join('\n'),
      ),
    ),
    section('SEE ALSO', seeAlso(commands.map(({ words }) => words))),
  ]);
}

/** @param {HelpCommand} command @param {HelpData} help */
function commandPage(command, { commands, version }) {
  const { words, summary, description, args, examples, flags, aliases } = command;
  const [first = ''] = words.split(' ');
  const related = commands
    .map((other) => other.words)
    .filter((other) => other !== words && other.split(' ')[0] === first);
  return page(`natsx-${words.replaceAll(' ', '-')}`, version, [
    section('NAME', `${text(`natsx-${words.replaceAll(' ', '-')}`)} \\- ${text(summary)}`),
    section('SYNOPSIS', text(usageOf(command))),
    section('DESCRIPTION', paragraphs(description)),
    section(
      'ARGUMENTS',
      args.map(({ label, text: about }) => entry(bold(label), about)).join('\n'),
    ),
    ...flagGroups(flags).map(([group, members]) =>
      section(
        group === 'FLAGS' ? 'FLAGS' : `FLAGS: ${group}`,
        members.map((flag) => entry(bold(flagLabel(flag)), flag.text)).join('\n'),
      ),
    ),
    section(
      'EXAMPLES',
      examples
        .map(({ description: what, command: line }) =>
          ['.PP', `${text(what)}:`, '.PP', '.RS 4', '.nf', text(line), '.fi', '.RE'].join('\n'),
        )
        .join('\n'),
    ),
    section('ALIASES', aliases.map((alias) => text(`natsx ${alias}`)).join('\n.br\n')),
    section('SEE ALSO', seeAlso(related, ['natsx'])),
  ]);
}

/** @param {string} name @param {string} version @param {readonly string[]} sections */
function page(name, version, sections) {
  const head = `.TH "${text(name).toUpperCase()}" "1" "" "natsx ${text(version)}" "natsx manual"`;
  // No hyphens within words, and text that is not stretched to the margin: commands are copied from here.
  return `${[head, '.nh', '.ad l', ...sections.filter((one) => one !== '')].join('\n')}\n`;
}

/** @param {string} title @param {string} body */
function section(title, body) {
  return body === '' ? '' : `.SH "${text(title)}"\n${body}`;
}

/** @param {string} label with its font @param {string} about */
function entry(label, about) {
  return `.TP\n${label}\n${text(about)}`;
}

/** @param {string} label */
function bold(label) {
  return `\\fB${text(label)}\\fR`;
}

/** @param {string} description */
function paragraphs(description) {
  return description.split(/\n\n+/).map(text).join('\n.PP\n');
}

/** @param {readonly string[]} words @param {readonly string[]} before */
function seeAlso(words, before = []) {
  return [...before, ...words.map((one) => `natsx-${one.replaceAll(' ', '-')}`)]
    .map((name) => `\\fB${text(name)}\\fR(1)`)
    .join(', ');
}

/**
 * Text as roff has it: no escapes of its own, hyphens that can be copied, no line that begins with a command, and
 * names for characters beyond ASCII.
 *
 * @param {string} plain
 */
function text(plain) {
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replace(
      /[^\n -~]/gu,
      (character) =>
        `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = process.argv[2] ?? join(root, 'man');
  const pages = await writeManPages(folder);
  process.stdout.write(`${folder}: ${pages.length} man pages\n`);
}
