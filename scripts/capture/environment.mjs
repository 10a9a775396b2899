import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The environment of the tour: natsx is a command, NATS_URL names the server, and nothing of the user's own settings
 * takes part.
 *
 * @param {string} folder
 * @param {string} root
 * @param {string} url
 * @param {boolean} colour
 * @returns {NodeJS.ProcessEnv}
 */
export function stageEnvironment(folder, root, url, colour) {
  const programs = join(folder, 'bin');
  mkdirSync(programs, { recursive: true });
  const entry = join(root, 'bin', 'run.js');
  writeFileSync(
    join(programs, 'natsx'),
    `#!/bin/sh\nexec "${process.execPath}" "${entry}" "$@"\n`,
    {
      mode: 0o755,
    },
  );
  writeFileSync(join(programs, 'natsx.cmd'), `@"${process.execPath}" "${entry}" %*\r\n`);
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NATS_|NO_COLOR$|FORCE_COLOR$)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    PATH: [programs, process.env['PATH'] ?? ''].join(delimiter),
    XDG_CONFIG_HOME: join(folder, 'config'),
    // Newer Nodes keep compiled code; it goes with the tour.
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
    NATS_URL: url,
    ...(colour ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
  };
}
