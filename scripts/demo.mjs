#!/usr/bin/env node
/**
 * `npm run demo`: a guided tour of natsx on a real server that it starts, and stops whatever happens. It works in a
 * fresh clone and without a terminal. Each file in `scripts/demo` whose name begins with a number is a chapter.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createStage } from './demo/stage.mjs';
import { startDemoServer } from './demo/server.mjs';
import { playChapter } from './demo/play.mjs';
import { makeReady, root } from './ready.mjs';

const folder = mkdtempSync(join(tmpdir(), 'natsx-demo-'));
/** @type {(() => void)[]} what still has to be undone, last first */
const cleanUp = [() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })];

process.once('exit', () => {
  for (const undo of cleanUp.reverse()) undo();
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
}

try {
  await tour(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** @param {readonly string[]} wanted beginnings of the chapters' file names; all when empty */
async function tour(wanted) {
  const { natsServer } = await makeReady();
  const chapters = await loadChapters(wanted);
  const server = await startDemoServer(natsServer, folder);
  cleanUp.push(() => server.kill());
  const stage = createStage({ folder, root, server, out: process.stdout });
  cleanUp.push(() => stage.killAll());
  const startedAt = performance.now();
  stage.opening();
  for (const [index, chapter] of chapters.entries()) {
    await playChapter(stage, chapter, `${index + 1}/${chapters.length}`);
  }
  stage.closing((performance.now() - startedAt) / 1_000, natsServer);
}

/**
 * @param {readonly string[]} wanted
 * @returns {Promise<import('./demo/play.mjs').Chapter[]>} in the order of their file names
 */
async function loadChapters(wanted) {
  const home = join(import.meta.dirname, 'demo');
  const files = readdirSync(home)
    .filter((file) => /^\d.*\.mjs$/.test(file))
    .filter((file) => wanted.length === 0 || wanted.some((start) => file.startsWith(start)))
    .sort();
  if (files.length === 0) throw new Error(`there is no chapter ${wanted.join(' or ')}`);
  return Promise.all(
    files.map(async (file) => (await import(pathToFileURL(join(home, file)).href)).chapter),
  );
}
