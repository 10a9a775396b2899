#!/usr/bin/env node
/** `npm run check`: everything that can be said about the code without running it. One line for each check. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensurePackages, root } from './ready.mjs';

/**
 * @typedef {object} Check
 * @property {string} name what it proves
 * @property {readonly string[]} command a program of node_modules/.bin and its arguments
 *
 * @typedef {object} CheckResult
 * @property {string} name
 * @property {boolean} passed
 */

/** The longest first, so that the others run beside it. */
const checks = [
  { name: 'lint (eslint)', command: ['eslint', '.', '--max-warnings', '0'] },
  { name: 'types (tsc)', command: ['tsc', '-p', '.'] },
  { name: 'types of the scripts (tsc)', command: ['tsc', '-p', 'tsconfig.scripts.json'] },
  { name: 'format (prettier)', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  {
    name: 'rooms and doors (dependency-cruiser)',
    command: ['depcruise', 'src', '--config', '.dependency-cruiser.cjs'],
  },
  { name: 'nothing unused (knip)', command: ['knip'] },
  { name: 'package (publint)', command: ['publint', '--strict'] },
];

/** Small machines: more at once would only make each slower. */
const atOnce = 2;

/**
 * Runs all checks and prints a line for each, with what it said where it failed. The program must have been built.
 *
 * @returns {Promise<CheckResult[]>}
 */
export async function runChecks() {
  const waiting = [...checks];
  /** @type {CheckResult[]} */
  const results = [];
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      results.push(await runCheck(check));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/**
 * @param {Check} check
 * @returns {Promise<CheckResult>}
 */
async function runCheck({ name, command: [program = '', ...args] }) {
  const startedAt = performance.now();
  const { code, output } = await runTool(program, args);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}, ${seconds} s`);
  if (code !== 0) console.log(output.trimEnd());
  return { name, passed: code === 0 };
}

/**
 * Runs a program of an installed package.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function runTool(program, args) {
  return new Promise((resolve) => {
    const child = spawn(join(root, 'node_modules', '.bin', program), args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    /** @type {string[]} */
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => output.push(text));
    }
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output: output.join('') }));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await ensurePackages();
  await ensureBuilt();
  const results = await runChecks();
  const failed = results.filter(({ passed }) => !passed).length;
  if (failed > 0) process.exitCode = 1;
}
