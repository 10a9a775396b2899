import { existsSync } from 'node:fs';

/** Files inside of a single executable, which only the executable itself can see. */
const INSIDE = /^(\/\$bunfs\/|[A-Z]:[/\\]~BUN[/\\])/;

/**
 * The words that start this program again: Node.js with the script, or a single executable.
 *
 * @param executable `process.execPath`
 * @param script `process.argv[1]`; in a single executable it names no file, or the executable itself
 */
export function ownProgram(executable: string, script: string | undefined): readonly string[] {
  const isAlone = script === undefined || script === executable || INSIDE.test(script);
  return isAlone || !existsSync(script) ? [executable] : [executable, script];
}
