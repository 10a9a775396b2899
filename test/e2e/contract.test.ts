import { expect, it } from 'vitest';

import type { ManifestFlag } from '../support/manifest.js';
import { manifestCommands } from '../support/manifest.js';

/**
 * Commands, arguments and flags are what scripts rely on. When this changes, change it on purpose: a name that goes
 * away is a breaking change.
 */
it('commands, arguments and flags are as they were', () => {
  const commands = manifestCommands();
  const common = commonFlags(commands.map(([, command]) => Object.keys(command.flags)));
  const first = commands[0]?.[1].flags ?? {};
  const contract = {
    'every command': Object.values(first)
      .filter(({ name }) => common.has(name))
      .map(flagText),
    ...Object.fromEntries(
      commands.map(([words, command]) => {
        const args = Object.values(command.args).map(({ name, required }) =>
          required === true ? name.toUpperCase() : `[${name.toUpperCase()}]`,
        );
        const aliases = command.aliases.length === 0 ? '' : ` (also ${command.aliases.join(', ')})`;
        const own = Object.values(command.flags).filter(({ name }) => !common.has(name));
        return [[words, ...args].join(' ') + aliases, own.map(flagText)];
      }),
    ),
  };
  expect(contract).toMatchSnapshot();
});

function commonFlags(lists: readonly (readonly string[])[]): ReadonlySet<string> {
  const [first = [], ...others] = lists;
  return new Set(first.filter((name) => others.every((list) => list.includes(name))));
}

/** `--server, -s <value>…`, with what else is accepted and whether help hides it. */
function flagText(flag: ManifestFlag): string {
  const short = flag.char === undefined ? '' : `, -${flag.char}`;
  const aliases = (flag.aliases ?? []).map((alias) => `, --${alias}`).join('');
  const options = flag.options === undefined ? '<value>' : flag.options.join('|');
  const value = flag.type === 'boolean' ? '' : ` ${options}${flag.multiple === true ? '…' : ''}`;
  return `--${flag.name}${short}${aliases}${value}${flag.hidden === true ? ' (hidden)' : ''}`;
}
