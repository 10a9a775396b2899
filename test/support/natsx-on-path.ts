import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { cliWords } from './run-cli.js';

/** A PATH on which `natsx` is the program under test (or another entry file), for command lines run by a shell. */
export function pathWithNatsx(folder: string, entry?: string): string {
  const words = cliWords(entry === undefined ? {} : { entry });
  const programs = join(folder, 'bin');
  mkdirSync(programs, { recursive: true });
  const script = `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`;
  writeFileSync(join(programs, 'natsx'), script, { mode: 0o755 });
  return [programs, process.env['PATH'] ?? ''].join(delimiter);
}
