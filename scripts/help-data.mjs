/** The help of all commands as data, from the built program itself, so that nothing else has to be kept in step. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureBuilt, root } from './ready.mjs';

/**
 * @typedef {object} HelpFlag
 * @property {string} name
 * @property {string} [char]
 * @property {string} [value] placeholder of its value
 * @property {boolean} multiple
 * @property {string} text
 * @property {string} group
 *
 * @typedef {object} HelpCommand
 * @property {string} words such as `context ls`
 * @property {string} summary
 * @property {string} description
 * @property {{ label: string, text: string }[]} args
 * @property {{ description: string, command: string }[]} examples
 * @property {HelpFlag[]} flags
 * @property {string[]} aliases
 * @property {boolean} connects
 *
 * @typedef {object} HelpGroup
 * @property {string} title
 * @property {{ label: string, text: string, below: string[] }[]} members
 *
 * @typedef {object} HelpData
 * @property {string} version
 * @property {HelpGroup[]} groups commands by purpose
 * @property {HelpCommand[]} commands in alphabetical order
 */

/** @returns {Promise<HelpData>} */
export async function readHelp() {
  await ensureBuilt();
  const run = promisify(execFile);
  const program = join(root, 'bin', 'run.js');
  const [help, version] = await Promise.all(
    [
      ['--help', '--json'],
      ['--version', '--json'],
    ].map(async (args) => {
      const { stdout } = await run(process.execPath, [program, ...args], { maxBuffer: 1 << 26 });
      return JSON.parse(stdout);
    }),
  );
  return { ...help, version: version.version };
}

/**
 * @param {HelpCommand} command
 * @returns {string} such as `natsx stream get STREAM SEQ [FLAGS]`
 */
export function usageOf({ words, args }) {
  return ['natsx', words, ...args.map(({ label }) => label), '[FLAGS]'].join(' ');
}

/**
 * @param {HelpFlag} flag
 * @returns {string} such as `-s, --server=<url>...`
 */
export function flagLabel({ char, name, value, multiple }) {
  const long = `--${name}${value === undefined ? '' : `=${value}`}${multiple ? '...' : ''}`;
  return char === undefined ? long : `-${char}, ${long}`;
}

/**
 * @param {readonly HelpFlag[]} flags
 * @returns {[group: string, flags: HelpFlag[]][]} a command's own first, in the order of `--help`
 */
export function flagGroups(flags) {
  /** @type {Map<string, HelpFlag[]>} */
  const groups = new Map();
  for (const flag of flags) groups.set(flag.group, [...(groups.get(flag.group) ?? []), flag]);
  const last = ['OUTPUT', 'CONNECTION'];
  return [...groups].sort(([a], [b]) => last.indexOf(a) - last.indexOf(b));
}
