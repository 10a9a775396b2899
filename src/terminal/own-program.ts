import { existsSync } from 'node:fs';

/**
 * The words that start this program again: Node.js with the script, or a single executable.
 *
 * @param executable `process.execPath`
 * @param script `process.argv[1]`; in a single executable it names no file, or the executable itself
 */
export function ownProgram(executable: string, script: string | undefined): readonly string[] {
  const isAlone = script === undefined || script === executable || !existsSync(script);
  return isAlone ? [executable] : [executable, script];
}
