import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { cliEntry } from './run-cli.js';

/** A PATH on which `natsx` is the program of this checkout (or another entry file), for command lines run by a shell. */
export function pathWithNatsx(folder: string, entry = cliEntry): string {
  const programs = join(folder, 'bin');
  mkdirSync(programs, { recursive: true });
  const script = `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`;
  writeFileSync(join(programs, 'natsx'), script, { mode: 0o755 });
  return [programs, process.env['PATH'] ?? ''].join(delimiter);
}
