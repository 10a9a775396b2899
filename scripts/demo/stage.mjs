/** Where the demo happens: commands in terminals, each with its output, and what is told about them. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { styleText } from 'node:util';

const stepTimeoutMs = 30_000;
const mainTerminal = '1';

/**
 * @typedef {object} StageOptions
 * @property {string} folder temporary; contexts and the like of the tour live there
 * @property {string} root of the checkout
 * @property {import('./server.mjs').DemoServer} server
 * @property {NodeJS.WriteStream} out
 *
 * @typedef {ReturnType<typeof createStage>} Stage
 */

/** @param {StageOptions} options */
export function createStage({ folder, root, server, out }) {
  const colour = out.isTTY && process.env['NO_COLOR'] === undefined;
  const paint = (
    /** @type {'bold' | 'cyan' | 'dim' | 'green'} */ style,
    /** @type {string} */ text,
  ) => (colour ? styleText(style, text) : text);
  const print = (/** @type {string} */ text) => void out.write(`${text}\n`);
  const env = stageEnvironment(folder, root, server.url, colour);
  const cwd = join(folder, 'work');
  mkdirSync(cwd);
  /** @type {Map<string, Terminal>} */
  const terminals = new Map();
  const live = () => [...terminals.values()].filter(({ ended }) => !ended());

  /** @param {string} name @param {string} command */
  const prompt = (name, command) => {
    const where = name === mainTerminal ? '' : paint('dim', `[${name}] `);
    print(`${where}${paint('green', '$')} ${paint('bold', command)}`);
  };
  /** @param {string} name @param {string} text */
  const show = (name, text) => {
    if (text === '') return;
    const gutter = name === mainTerminal ? '' : paint('dim', `[${name}] `);
    print(text.replace(/\n$/, '').replace(/^/gm, gutter));
  };

  return {
    opening: () => {
      print(paint('bold', 'natsx: a tour'));
      print('Every command below runs for real, on a nats-server that was started for this.');
      print('');
      prompt(mainTerminal, `export NATS_URL=${server.url}`);
    },
    /** @param {number} seconds @param {string} natsServer */
    closing: (seconds, natsServer) => {
      print('');
      print(paint('bold', `That was natsx, in ${seconds.toFixed(0)} seconds.`));
      print('The server is stopped. To try the commands yourself:');
      print(`  ${natsServer} -js`);
      print(`  alias natsx='node ${join(root, 'bin', 'run.js')}'`);
      print('  natsx --help');
    },
    /** @param {string} title */
    heading: (title) => print(`\n${paint('cyan', `── ${title} `.padEnd(78, '─'))}`),
    /** @param {string} text */
    say: (text) => print(`\n${paint('dim', wrapped(text).replace(/^/gm, '# '))}`),

    /**
     * @param {string} command
     * @param {{ exit?: number, retry?: boolean }} expected
     */
    run: async (command, { exit = 0, retry = false }) => {
      const deadline = Date.now() + stepTimeoutMs;
      for (;;) {
        const terminal = openTerminal(command, { env, cwd });
        terminals.set(mainTerminal, terminal);
        const code = await terminal.end();
        if (code === exit || !retry || Date.now() > deadline) {
          prompt(mainTerminal, command);
          show(mainTerminal, terminal.text());
          if (exit !== 0) print(paint('dim', `(exit code ${code})`));
          mustBe(command, code, exit);
          return;
        }
        await pause(100);
      }
    },

    /**
     * @param {string} command
     * @param {{ as: string, ready?: RegExp }} options
     */
    start: async (command, { as: name, ready = /subscribed to|listening on/ }) => {
      prompt(name, command);
      const terminal = openTerminal(command, { env, cwd });
      terminals.set(name, terminal);
      await terminal.waitFor(ready);
    },

    /**
     * @param {string} name
     * @param {{ signal?: NodeJS.Signals, when?: RegExp, exit?: number }} options
     */
    finish: async (name, { signal, when, exit = 0 }) => {
      const terminal = terminals.get(name);
      if (terminal === undefined) throw new Error(`no command runs in the terminal ${name}`);
      if (when !== undefined) await terminal.waitFor(when);
      if (signal !== undefined) terminal.signal(signal);
      const code = await terminal.end();
      show(name, `${terminal.text()}${signal === 'SIGINT' ? '^C\n' : ''}`);
      mustBe(terminal.command, code, exit);
    },

    /** @param {'crash' | 'restart'} what */
    server: async (what) => {
      print(paint('dim', what === 'crash' ? '(the server is killed)' : '(the server comes back)'));
      await server[what]();
    },

    killAll: () => {
      for (const terminal of live()) terminal.signal('SIGKILL');
    },
  };
}

/** @typedef {ReturnType<typeof openTerminal>} Terminal */

/**
 * @param {string} command
 * @param {{ env: NodeJS.ProcessEnv, cwd: string }} place
 */
function openTerminal(command, place) {
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
    ended: () => code !== undefined,
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
function stageEnvironment(folder, root, url, colour) {
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
    NATS_URL: url,
    ...(colour ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
  };
}

/** @param {string} command @param {number | null} code @param {number} expected */
function mustBe(command, code, expected) {
  if (code === expected) return;
  throw new Error(`"${command}" ended with exit code ${code}; the tour expects ${expected}`);
}

/** @param {string} text */
function wrapped(text) {
  return text.replace(/(.{1,76})(?:\s+|$)/g, '$1\n').trimEnd();
}
