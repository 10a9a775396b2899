import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { NatsxError } from '../../core/errors.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { ownProgram } from '../../terminal/own-program.js';
import { wrap } from '../../terminal/text/findings-text.js';
import type { Terminal } from '../../terminal/terminal.js';
import type { Chapter, Finish, Run, Start, Step } from '../model/chapters.js';
import { CommandTerminal, STEP_TIMEOUT_MS, type Place } from './command-terminal.js';
import { DemoServer } from './demo-server.js';

/** Whose commands have no name in front of their output. */
const MAIN = '1';
const RETRY_MS = 100;
const LINE_WIDTH = 78;

/** What the tour needs from outside. */
export interface TourRequest {
  readonly chapters: readonly { readonly number: number; readonly chapter: Chapter }[];
  /** Path of the program. */
  readonly natsServer: string;
}

/** A command of the tour that has ended as it should. */
interface PlayedCommand {
  readonly chapter: number;
  readonly command: string;
  readonly exit_code: number;
}

/**
 * Plays chapters of the tour on a server of its own. Nothing of it is left: server, commands and files go in any case.
 *
 * @throws {NatsxError} internal — a command did not end as the tour expects; connection — the server does not start
 */
export async function playTour(terminal: Terminal, request: TourRequest): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'natsx-demo-'));
  const server = new DemoServer(request.natsServer, join(folder, 'server'));
  const terminals = new Map<string, CommandTerminal>();
  const removeAll = (): void => {
    for (const one of terminals.values()) one.signal('SIGKILL');
    server.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  // A second Ctrl-C ends the process at once.
  process.once('exit', removeAll);
  const stop = stopped(terminal.life.signal);
  try {
    await Promise.race([stop.failure, play(terminal, request, { folder, server, terminals })]);
  } finally {
    stop.end();
    removeAll();
    process.removeListener('exit', removeAll);
  }
}

interface Stage {
  readonly folder: string;
  readonly server: DemoServer;
  readonly terminals: Map<string, CommandTerminal>;
}

async function play(terminal: Terminal, request: TourRequest, stage: Stage): Promise<void> {
  const startedAt = performance.now();
  await stage.server.start(terminal.life.signal);
  const cwd = join(stage.folder, 'work');
  mkdirSync(cwd);
  const colour = terminal.style.heading('x') !== 'x';
  const place = { env: tourEnvironment(stage, colour), cwd };
  const player = new Player(terminal, stage, place);
  player.opening();
  for (const [index, { number, chapter }] of request.chapters.entries()) {
    player.heading(`${index + 1}/${request.chapters.length}  ${chapter.title}`);
    for (const step of chapter.steps) await player.play(step, number);
  }
  player.closing(performance.now() - startedAt, request.natsServer);
}

/** Fails as soon as the command is stopped. */
function stopped(signal: AbortSignal): { readonly failure: Promise<never>; end: () => void } {
  let listener = (): void => undefined;
  const failure = new Promise<never>((_, reject) => {
    listener = () => reject(signal.reason as Error);
    if (signal.aborted) listener();
    else signal.addEventListener('abort', listener, { once: true });
  });
  return { failure, end: () => signal.removeEventListener('abort', listener) };
}

/** `natsx` is a command, `NATS_URL` names the server, and nothing of the user's own settings takes part. */
function tourEnvironment({ folder, server }: Stage, colour: boolean): NodeJS.ProcessEnv {
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  const quoted = ownProgram(process.execPath, process.argv[1])
    .map((word) => `"${word}"`)
    .join(' ');
  writeFileSync(join(programs, 'natsx'), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
  writeFileSync(join(programs, 'natsx.cmd'), `@${quoted} %*\r\n`);
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NATS_|NO_COLOR$|FORCE_COLOR$)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    PATH: [programs, process.env['PATH'] ?? ''].join(delimiter),
    XDG_CONFIG_HOME: join(folder, 'config'),
    // Newer versions of Node.js keep compiled code; it goes with the tour.
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
    NATS_URL: server.url,
    ...(colour ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
  };
}

/** Plays steps, and shows what a reader sees: commands behind a prompt, and their output as it was. */
class Player {
  readonly #terminal: Terminal;
  readonly #stage: Stage;
  readonly #place: Place;
  readonly #played: PlayedCommand[] = [];

  constructor(terminal: Terminal, stage: Stage, place: Place) {
    this.#terminal = terminal;
    this.#stage = stage;
    this.#place = place;
  }

  opening(): void {
    const { style } = this.#terminal;
    this.#print(style.heading('natsx: a tour'));
    this.#print('Every command below really runs, on a nats-server started for this tour.\n');
    this.#prompt(MAIN, `export NATS_URL=${this.#stage.server.url}`);
  }

  closing(tookMs: number, natsServer: string): void {
    const { json, out, style } = this.#terminal;
    this.#print(`\n${style.heading(`That was natsx, in ${formatDurationMs(tookMs)}.`)}`);
    this.#print('The server is stopped. To try the commands yourself, start another:');
    this.#print(`  ${natsServer} -js`);
    this.#print('  natsx --help');
    if (json) out.json({ commands: this.#played, duration_ms: Math.round(tookMs) });
  }

  heading(text: string): void {
    const line = `── ${text} `.padEnd(LINE_WIDTH, '─');
    this.#print(`\n${this.#terminal.style.subject(line)}`);
  }

  /** @throws {NatsxError} internal, timeout — naming the command that did not do what it should */
  async play(step: Step, chapter: number): Promise<void> {
    if ('say' in step) this.#say(step.say);
    else if ('run' in step) await this.#run(step, chapter);
    else if ('start' in step) await this.#start(step);
    else if ('finish' in step) await this.#finish(step, chapter);
    else await this.#serverEvent(step.server);
  }

  #say(text: string): void {
    this.#print(`\n${this.#terminal.style.dim(wrap(text, LINE_WIDTH - 2, '# '))}`);
  }

  async #run({ run, exit = 0, retry = false }: Run, chapter: number): Promise<void> {
    const deadline = performance.now() + STEP_TIMEOUT_MS;
    for (;;) {
      const one = this.#open(MAIN, run);
      const code = await one.end();
      if (code !== exit && retry && performance.now() < deadline) {
        await pause(RETRY_MS);
        continue;
      }
      this.#prompt(MAIN, run);
      this.#show(MAIN, one.text);
      if (exit !== 0) this.#print(this.#terminal.style.dim(`(exit code ${exit})`));
      this.#mustEnd(one, { code, exit, chapter });
      return;
    }
  }

  async #start({ start, as: name, ready = /subscribed to|listening on/ }: Start): Promise<void> {
    this.#prompt(name, start);
    await this.#open(name, start).waitFor(ready);
  }

  async #finish({ finish: name, signal, exit = 0 }: Finish, chapter: number): Promise<void> {
    const one = this.#stage.terminals.get(name);
    if (one === undefined) throw new Error(`no command runs in the terminal ${name}`);
    if (signal !== undefined) one.signal(signal);
    const code = await one.end();
    this.#show(name, `${one.text}${signal === 'SIGINT' ? '^C\n' : ''}`);
    this.#mustEnd(one, { code, exit, chapter });
  }

  async #serverEvent(event: 'crash' | 'restart'): Promise<void> {
    const what = event === 'crash' ? 'killed' : 'restarted';
    this.#print(this.#terminal.style.dim(`(the server is ${what})`));
    const { server } = this.#stage;
    if (event === 'crash') await server.crash();
    else await server.start(this.#terminal.life.signal);
  }

  #open(name: string, command: string): CommandTerminal {
    const one = new CommandTerminal(command, this.#place);
    this.#stage.terminals.set(name, one);
    return one;
  }

  #mustEnd(
    { command, text }: CommandTerminal,
    ended: { readonly code: number | null; readonly exit: number; readonly chapter: number },
  ): void {
    const { code, exit, chapter } = ended;
    if (code !== exit) {
      const message = `"${command}" ended with exit code ${code ?? 'none'}; the tour expects ${exit}`;
      throw new NatsxError('internal', message, { hint: text.trim() });
    }
    this.#played.push({ chapter, command, exit_code: exit });
  }

  #prompt(name: string, command: string): void {
    const { style } = this.#terminal;
    this.#print(`${this.#gutter(name)}${style.good('$')} ${style.heading(command)}`);
  }

  #show(name: string, text: string): void {
    if (text !== '') this.#print(text.replace(/\n$/, '').replace(/^/gm, this.#gutter(name)));
  }

  #gutter(name: string): string {
    return name === MAIN ? '' : this.#terminal.style.dim(`[${name}] `);
  }

  /** With `--json`, stdout is for the document at the end. */
  #print(text: string): void {
    const { json, out } = this.#terminal;
    if (json) return;
    out.line(text);
    out.flush();
  }
}
