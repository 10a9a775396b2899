import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/ready.mjs';

/** A command as `oclif.manifest.json` has it. */
export interface ManifestCommand {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly hidden?: boolean;
  readonly summary?: string;
  readonly description?: string;
  readonly examples?: readonly { readonly description: string; readonly command: string }[];
  readonly args: Readonly<Record<string, { readonly name: string; readonly required?: boolean }>>;
  readonly flags: Readonly<Record<string, ManifestFlag>>;
}

export interface ManifestFlag {
  readonly name: string;
  readonly char?: string;
  readonly aliases?: readonly string[];
  readonly hidden?: boolean;
  readonly allowNo?: boolean;
  readonly summary?: string;
  readonly type: 'boolean' | 'option';
  readonly multiple?: boolean;
  readonly options?: readonly string[];
}

/** The commands of the built program, by the words that a user types. */
export function manifestCommands(): readonly (readonly [string, ManifestCommand])[] {
  const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {
    readonly commands: Readonly<Record<string, ManifestCommand>>;
  };
  return Object.values(manifest.commands)
    .filter((command) => command.hidden !== true)
    .map((command): [string, ManifestCommand] => [command.id.replaceAll(':', ' '), command])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The command lines of a command's examples, as a user would paste them. */
export function exampleLines(command: ManifestCommand): readonly string[] {
  return (command.examples ?? []).map((example) =>
    example.command.replaceAll('<%= config.bin %>', 'natsx'),
  );
}
