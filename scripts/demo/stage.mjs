/** Where the demo happens: commands in terminals, each with its output, and the text between them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { styleText } from 'node:util';
import { stageEnvironment } from './environment.mjs';
import { openTerminal, stepTimeoutMs } from './terminal.mjs';

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
  const { paint, print, prompt, show } = createPrinter(out, colour);
  const cwd = join(folder, 'work');
  mkdirSync(cwd);
  const place = { env: stageEnvironment(folder, root, server.url, colour), cwd };
  /** @type {Map<string, import('./terminal.mjs').Terminal>} */
  const terminals = new Map();

  return {
    opening: () => {
      print(paint('bold', 'natsx: a tour'));
      print('Every command below really runs, on a nats-server started for this tour.');
      print('');
      prompt(mainTerminal, `export NATS_URL=${server.url}`);
    },
    /** @param {number} seconds @param {string} natsServer */
    closing: (seconds, natsServer) => {
      print('');
      print(paint('bold', `That was natsx, in ${seconds.toFixed(1)} seconds.`));
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
        const terminal = openTerminal(command, place);
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
      const terminal = openTerminal(command, place);
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
      print(
        paint('dim', what === 'crash' ? '(the server is killed)' : '(the server is restarted)'),
      );
      await server[what]();
    },

    killAll: () => {
      for (const terminal of terminals.values()) terminal.signal('SIGKILL');
    },
  };
}

/**
 * What a reader sees: commands behind a prompt, output as it was, in other terminals behind the terminal's name.
 *
 * @param {NodeJS.WriteStream} out
 * @param {boolean} colour
 */
function createPrinter(out, colour) {
  const paint = (
    /** @type {'bold' | 'cyan' | 'dim' | 'green'} */ style,
    /** @type {string} */ text,
  ) => (colour ? styleText(style, text) : text);
  const print = (/** @type {string} */ text) => void out.write(`${text}\n`);
  const gutter = (/** @type {string} */ name) =>
    name === mainTerminal ? '' : paint('dim', `[${name}] `);
  return {
    paint,
    print,
    prompt: (/** @type {string} */ name, /** @type {string} */ command) =>
      print(`${gutter(name)}${paint('green', '$')} ${paint('bold', command)}`),
    show: (/** @type {string} */ name, /** @type {string} */ text) => {
      if (text !== '') print(text.replace(/\n$/, '').replace(/^/gm, gutter(name)));
    },
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
