#!/usr/bin/env node
/**
 * `npm run fuzz -- --minutes 30 [--seed N]`: the matrix of ways in and out, the parsers and the models beside the server,
 * for as long as there is time. Prints a line for each fault, ends with exit code 1 when there is one, and
 * writes its figures into docs/fuzzing.md when there is none. `--run LINE` repeats one run of the matrix, as its report has it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { versionOf } from './find-program.mjs';
import { makeReady, root } from './ready.mjs';

const begin = '<!-- figures of npm run fuzz -->';
const end = '<!-- end of the figures -->';
const page = join(root, 'docs', 'fuzzing.md');
const matrixTest = 'test/e2e/matrix.test.ts';
const modelTest = 'test/integration/streams/run/manage/changes-model.test.ts';
const parsersTest = 'test/unit/fuzz/parsers.test.ts';

/**
 * @typedef {object} MatrixFigures
 * @property {number} seed
 * @property {number} runs
 * @property {number} messages
 * @property {number} pairs
 * @property {number} possible_pairs
 * @property {number} faults
 * @property {number} seconds
 *
 * @typedef {object} ParserFigures
 * @property {number} seed
 * @property {Record<string, { cases: number, slowest_ms: number }>} parsers
 * @property {number} cases
 * @property {number} faults
 * @property {number} seconds
 *
 * @typedef {object} ModelFigures
 * @property {number} runs streams, each with a history of changes
 * @property {number} seconds
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000_000}` },
    run: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run fuzz -- [--minutes 30] [--seed N] [--run "a run of the matrix"]');
  process.exit(2);
}

const { natsServer } = await makeReady();
const figures = mkdtempSync(join(tmpdir(), 'natsx-fuzz-'));
try {
  console.log(`seed ${seed}, ${minutes} min`);
  process.exitCode = await runTests();
  if (process.exitCode === 0 && values.run === undefined) await writePage(await pageText());
} finally {
  rmSync(figures, { recursive: true });
}

/** @returns {Promise<number>} vitest's exit code */
function runTests() {
  const tests = values.run === undefined ? [parsersTest, matrixTest, modelTest] : [matrixTest];
  const projects = ['unit', 'integration', 'e2e'].flatMap((name) => ['--project', name]);
  const child = spawn(
    join(root, 'node_modules', '.bin', 'vitest'),
    ['run', ...projects, ...tests],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        NATSX_NATS_SERVER: natsServer,
        NATSX_FUZZ_MINUTES: `${minutes}`,
        NATSX_FUZZ_SEED: `${seed}`,
        NATSX_FUZZ_FIGURES: figures,
        ...(values.run !== undefined && { NATSX_FUZZ_RUN: values.run }),
      },
    },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** @returns {Promise<string>} */
async function pageText() {
  /** @type {Record<string, unknown>} */
  const found = Object.fromEntries(
    readdirSync(figures).map((file) => [
      basename(file, '.json'),
      JSON.parse(readFileSync(join(figures, file), 'utf8')),
    ]),
  );
  const matrix = /** @type {MatrixFigures} */ (found.matrix);
  const parsers = /** @type {ParserFigures} */ (found.parsers);
  const models = /** @type {ModelFigures} */ (found.models);
  const number = new Intl.NumberFormat('en-US');
  const rows = Object.entries(parsers.parsers).map(
    ([name, { cases, slowest_ms }]) => `| ${name} | ${number.format(cases)} | ${slowest_ms} ms |`,
  );
  return [
    `Run on ${new Date().toISOString().slice(0, 10)} with \`npm run fuzz -- --minutes ${minutes} --seed ${seed}\`, Node.js`,
    `${process.version}, nats-server ${await versionOf(natsServer)}: no fault.`,
    '',
    `- Matrix: ${number.format(matrix.runs)} runs with ${number.format(matrix.messages)} messages in ${matrix.seconds} s, ` +
      `${number.format(matrix.pairs)} of ${number.format(matrix.possible_pairs)} pairs of values.`,
    `- Models beside the server: ${number.format(models.runs)} streams with their histories in ${models.seconds} s.`,
    `- Parsers: ${number.format(parsers.cases)} cases in ${parsers.seconds} s.`,
    '',
    '| parser | cases | slowest |',
    '| --- | --: | --: |',
    ...rows,
  ].join('\n');
}

/** @param {string} text */
async function writePage(text) {
  const { format, resolveConfig } = await import('prettier');
  const before = readFileSync(page, 'utf8');
  const from = before.indexOf(begin);
  const to = before.indexOf(end);
  if (from === -1 || to === -1) throw new Error(`${page} has no place for figures`);
  const whole = `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`;
  const options = (await resolveConfig(page)) ?? {};
  writeFileSync(page, await format(whole, { ...options, parser: 'markdown' }));
  console.log(`figures: ${page}`);
}
