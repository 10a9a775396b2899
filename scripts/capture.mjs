#!/usr/bin/env node
/**
 * Makes the pictures of the documentation from real runs: natsx in a terminal of 80 columns (tmux), on a server that is
 * started for this, drawn as SVG, and pages of reports. `node scripts/capture.mjs [NAME…]` writes `docs/img/NAME.svg`
 * and `docs/img/NAME.png`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { drawScreens } from './capture/draw-svg.mjs';
import { drawPage, pagePictures } from './capture/pages.mjs';
import { scenes } from './capture/scenes.mjs';
import { stageEnvironment } from './capture/environment.mjs';
import { startDemoServer } from './capture/server.mjs';
import { makeReady, root } from './ready.mjs';

const columns = 80;
const waitMs = 30_000;
const folder = mkdtempSync(join(tmpdir(), 'natsx-capture-'));
const socket = join(folder, 'tmux');
/** @type {(() => void | Promise<void>)[]} */
const cleanUp = [
  () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
];

try {
  const { natsServer } = await makeReady();
  const server = await startDemoServer(natsServer, folder);
  cleanUp.push(() => server.crash());
  const wanted = process.argv.slice(2);
  const isWanted = (/** @type {{ name: string }} */ { name }) =>
    wanted.length === 0 || wanted.includes(name);
  mkdirSync(join(root, 'docs', 'img'), { recursive: true });
  for (const scene of scenes.filter(isWanted)) {
    const file = join(root, 'docs', 'img', `${scene.name}.svg`);
    writeFileSync(file, drawScreens(await playScene(scene, server.url), columns));
    process.stderr.write(`${file}\n`);
  }
  const env = stageEnvironment(folder, root, server.url, false);
  for (const picture of pagePictures.filter(isWanted)) {
    const file = join(root, 'docs', 'img', `${picture.name}.png`);
    await drawPage(picture, { program: 'natsx', env, folder, file });
    process.stderr.write(`${file}\n`);
  }
} finally {
  for (const undo of cleanUp.reverse()) await undo();
}

/**
 * @param {import('./capture/scenes.mjs').Scene} scene
 * @param {string} url
 * @returns {Promise<import('./capture/draw-svg.mjs').Screen[]>}
 */
async function playScene(scene, url) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...stageEnvironment(folder, root, url, true), PS1: '$ ', TERM: 'xterm-256color' };
  delete env.FORCE_COLOR;
  const sessions = scene.terminals.map((title, index) => ({ title, id: `${scene.name}-${index}` }));
  for (const { id } of sessions) openTerminal(id, env);
  try {
    for (const { id } of sessions) await seen(id, /^\$/m);
    for (const { terminal = 0, type, until = /\n\$ ?$/ } of scene.steps) {
      const id = sessions[terminal]?.id ?? '';
      if (type !== undefined) {
        tmux('send-keys', '-t', id, '-l', type);
        tmux('send-keys', '-t', id, 'Enter');
      }
      await seen(id, until);
    }
    return sessions.slice(0, scene.shown).map(({ title, id }) => ({ title, lines: screenOf(id) }));
  } finally {
    tmux('kill-server');
  }
}

/** @param {string} id @param {NodeJS.ProcessEnv} env */
function openTerminal(id, env) {
  const size = ['-x', String(columns), '-y', '60'];
  execFileSync(
    'tmux',
    [
      '-f',
      '/dev/null',
      '-S',
      socket,
      'new-session',
      '-d',
      '-s',
      id,
      ...size,
      "PS1='$ ' HISTFILE= exec bash --norc --noprofile",
    ],
    { env: { ...env, HOME: folder }, cwd: folder },
  );
}

/** @param {string} id @param {RegExp} pattern */
async function seen(id, pattern) {
  const deadline = Date.now() + waitMs;
  while (!pattern.test(tmux('capture-pane', '-p', '-t', id).trimEnd())) {
    if (Date.now() > deadline) {
      throw new Error(`${id}: ${pattern} was not drawn:\n${tmux('capture-pane', '-p', '-t', id)}`);
    }
    await pause(20);
  }
}

/** @param {string} id */
function screenOf(id) {
  const lines = tmux('capture-pane', '-e', '-p', '-t', id).trimEnd().split('\n');
  // A prompt that waits is of no interest.
  return lines.at(-1)?.trim() === '$' ? lines.slice(0, -1) : lines;
}

/** @param {readonly string[]} args */
function tmux(...args) {
  return execFileSync('tmux', ['-S', socket, ...args], { encoding: 'utf8' });
}
