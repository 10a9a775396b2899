import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** The pieces of natsx that write a history, built from the sources. */
export async function loadHistory() {
  const folder = mkdtempSync(join(tmpdir(), 'natsx-history-bundle-'));
  const outfile = join(folder, 'history.mjs');
  try {
    await build({
      stdin: {
        contents: `
          export { LogWriter } from './src/history/run/log-writer.js';
          export { WindowSplitter } from './src/history/model/window-trees.js';`,
        resolveDir: root,
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
