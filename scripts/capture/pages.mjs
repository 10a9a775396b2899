/** Pictures of report pages: natsx writes a page in a real run, and a headless Chromium draws its upper part. */
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { ensureChromium } from '../chromium.mjs';

const run = promisify(execFile);

/**
 * @typedef {object} PagePicture
 * @property {string} name of the picture
 * @property {readonly (readonly string[])[]} before command lines that make the situation; one that begins with `&` goes
 * on while the others run
 * @property {readonly string[]} page the command line that writes the page
 * @property {number} height of the picture, in pixels
 */

const fill = ['pub', 'orders.new', 'order {{Count}}', '--template', '--count', '3000'];

/** @type {readonly PagePicture[]} */
export const pagePictures = [
  {
    name: 'page-backlog',
    before: [
      [
        'stream',
        'create',
        'SALES',
        '--subjects',
        'orders.>',
        '--max-age',
        '10m',
        '--max-msgs',
        '9000',
      ],
      ['consumer', 'create', 'SALES', 'billing', '--push', 'billing'],
      ['consumer', 'create', 'SALES', 'archive-to-cold-storage'],
      ['consumer', 'create', 'SALES', 'search-index'],
      ['pub', 'orders.new', 'order {{Count}}', '--template', '--count', '1400'],
      ['&', 'sub', '--stream', 'SALES', '--durable', 'search-index'],
      ['&', ...fill, '--rate', '150'],
    ],
    page: ['backlog', 'SALES'],
    height: 930,
  },
  {
    name: 'page-bench',
    before: [],
    page: ['bench', 'pubsub', '--rate', '20k', '--duration', '4s'],
    height: 980,
  },
  {
    name: 'page-verify',
    before: [],
    page: ['verify', '--msgs', '6000', '--rate', '2000', '--faults', 'cut 200ms every 800ms'],
    height: 870,
  },
];

/**
 * Writes a picture.
 *
 * @param {PagePicture} picture
 * @param {{ program: string, env: NodeJS.ProcessEnv, folder: string, file: string }} stage
 */
export async function drawPage({ name, before, page, height }, { program, env, folder, file }) {
  const options = { env, cwd: folder };
  /** @type {import('node:child_process').ChildProcess[]} */
  const running = [];
  try {
    for (const [first = '', ...rest] of before) {
      if (first === '&') running.push(spawn(program, rest, { ...options, stdio: 'ignore' }));
      else await run(program, [first, ...rest], { ...options, maxBuffer: 1 << 26 });
    }
    await run(program, [...page, '--html', `${name}.html`], options);
  } finally {
    for (const child of running) child.kill();
  }
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const view = await browser.newPage({ viewport: { width: 1000, height } });
    await view.goto(pathToFileURL(join(folder, `${name}.html`)).href);
    await view.screenshot({ path: file });
  } finally {
    await browser.close();
  }
}
