/** A command that runs as if in a terminal of its own, with what it has written so far. */
import { spawn } from 'node:child_process';

export const stepTimeoutMs = 30_000;

/** @typedef {ReturnType<typeof openTerminal>} Terminal */

/**
 * @param {string} command
 * @param {{ env: NodeJS.ProcessEnv, cwd: string }} place
 */
export function openTerminal(command, place) {
  // A process group of its own, so that a pipeline ends as a whole, and Ctrl-C reaches us first.
  const detached = process.platform !== 'win32';
  // Ctrl-C is for the program, not for a shell in front of it, which would tell another exit code.
  const line = command.includes('|') || !detached ? command : `exec ${command}`;
  const child = spawn(line, {
    ...place,
    shell: true,
    detached,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  /** @type {number | null | undefined} */
  let code;
  /** @type {Set<() => void>} */
  const listeners = new Set();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      changed();
    });
  }
  child.once('error', (error) => {
    text += error.message;
    code = 127;
    changed();
  });
  child.once('close', (status) => {
    code ??= status;
    changed();
  });

  /**
   * @template T
   * @param {() => T | undefined} look
   * @param {string} fact
   * @returns {Promise<T>}
   */
  const until = (look, fact) =>
    new Promise((resolve, reject) => {
      const check = () => {
        const seen = look();
        if (seen !== undefined) done(() => resolve(seen));
        else if (code !== undefined) fail('ended without it');
      };
      const fail = (/** @type {string} */ why) =>
        done(() => reject(new Error(`"${command}": ${fact}: ${why}\n${text}`)));
      const timer = setTimeout(() => fail(`not within ${stepTimeoutMs} ms`), stepTimeoutMs);
      const done = (/** @type {() => void} */ settle) => {
        clearTimeout(timer);
        listeners.delete(check);
        settle();
      };
      listeners.add(check);
      check();
    });

  return {
    command,
    text: () => text,
    /** @param {RegExp} pattern */
    waitFor: (pattern) => until(() => pattern.exec(text) ?? undefined, `${pattern} is written`),
    /** Exit code; null after a signal. */
    end: () =>
      until(() => (code === undefined ? undefined : { code }), 'it ends').then((e) => e.code),
    /** @param {NodeJS.Signals} name */
    signal: (name) => {
      if (child.pid === undefined || code !== undefined) return;
      try {
        process.kill(detached ? -child.pid : child.pid, name);
      } catch {
        // It has ended meanwhile.
      }
    },
  };
}
