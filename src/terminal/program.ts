import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import type { PJSON, Plugin } from '@oclif/core/interfaces';

/** A command, found without oclif's manifest. */
export interface KnownCommand {
  readonly id: string;
  readonly takesArguments: boolean;
  readonly load: () => Promise<{ readonly default: Command.Class }>;
}

/** The manifest of commands, which help, completion and error messages need. */
interface Manifest {
  readonly commands: Readonly<Record<string, Command.Cached>>;
}

/** What natsx runs from: the folder of its package, or an executable file that holds everything. */
export interface Program {
  /** The folder of the package; only a name in an executable. */
  readonly root: string;
  /** By what the user types, with colons between the words. */
  readonly commands: ReadonlyMap<string, KnownCommand>;
  /** What an executable has instead of files in `root`. */
  readonly embedded?: {
    readonly pjson: PJSON;
    readonly manifest: () => Promise<Manifest>;
  };
}

/** A configuration without commands says so, rather than that there are none. */
class ConfigOfOne extends Config {
  /** oclif reads these before each command, for its deprecation warnings. */
  override get commandIDs(): string[] {
    return [];
  }

  override get commands(): never {
    throw new Error('this command reads all commands: it belongs to NEEDS_ALL in main.ts');
  }
}

/** oclif's configuration for one command: without the manifest, which is long. */
export function configOfOne(program: Program): Config {
  const plugin = pluginOf(program, []);
  const { pjson, root, name, version } = plugin;
  const { bin = name, dirname = name } = pjson.oclif;
  return Object.assign(new ConfigOfOne({ root }), {
    rootPlugin: plugin,
    plugins: new Map([[name, plugin]]),
    topicSeparator: ' ' as const,
    userAgent: `${name}/${version}`,
    ...{ pjson, root, name, version, bin, dirname, valid: true, arch: process.arch },
  });
}

/** oclif's whole configuration, with all commands. */
export async function configOfAll(program: Program): Promise<Config> {
  const { root, embedded, commands } = program;
  if (embedded === undefined) return Config.load({ root });
  const manifest = await embedded.manifest();
  const plugin = pluginOf(
    program,
    Object.values(manifest.commands)
      .map((cached): Command.Loadable => ({
        ...cached,
        pluginAlias: embedded.pjson.name,
        pluginType: 'core',
        load: async () => {
          const known = commands.get(cached.id);
          if (known === undefined) throw new Error(`there is no command ${cached.id}`);
          const { default: command } = await known.load();
          return Object.assign(command, { id: cached.id, plugin });
        },
      }))
      .sort((a, b) => a.id.localeCompare(b.id)),
  );
  return Config.load({ root, plugins: new Map([[plugin.name, plugin]]) });
}

function pluginOf({ root, embedded }: Program, commands: Command.Loadable[]): Plugin {
  const pjson =
    embedded?.pjson ?? (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PJSON);
  const topics = Object.entries(pjson.oclif.topics ?? {});
  return {
    _base: '',
    alias: pjson.name,
    commandIDs: commands.map(({ id }) => id),
    commands,
    commandsDir: undefined,
    findCommand: () => Promise.reject(new Error('commands are found in a table')),
    hasManifest: true,
    hooks: {},
    isRoot: true,
    load: () => Promise.resolve(),
    moduleType: 'module',
    name: pjson.name,
    options: { root },
    pjson,
    root,
    topics: topics.map(([name, topic]) => ({ ...topic, name })),
    type: 'core',
    valid: true,
    version: pjson.version,
  };
}
