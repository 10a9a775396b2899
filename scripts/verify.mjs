#!/usr/bin/env node
/**
 * `npm test`: everything, in a fresh clone as well as in a checkout that is being worked in. Installs what is missing,
 * builds, checks, runs all tests on the newest nats-server that can be had and once more on 2.9 where that is present,
 * and closes with one line, `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { compareVersions, programsInCache, programsOnPath, versionOf } from './find-program.mjs';
import { ensureNatsServer, oldestWanted } from './nats-server.mjs';
import { build, ensurePackages, requireNode, root } from './ready.mjs';

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/**
 * One file of vitest's JSON report.
 *
 * @typedef {object} FileResult
 * @property {string} name the file's path
 * @property {string} status
 * @property {{ status: string }[]} assertionResults
 */

/**
 * @typedef {object} Run
 * @property {number | null} code vitest's exit code
 * @property {{ testResults: FileResult[] }} report
 */

const nothing = { passed: 0, failed: 0, skipped: 0 };
const onePassed = { ...nothing, passed: 1 };
const oneFailed = { ...nothing, failed: 1 };

/** What an old server cannot make different is not run a second time: it costs a fifth of the time. */
const sameOnAnyServer = [
  'test/integration/{scripts,support}/**',
  'test/integration/serve/**',
  'test/integration/rooms.test.ts',
  'test/e2e/{autocomplete,context,contract,help,interop,package}.test.ts',
];

const tally = await verify();
const skipped = tally.skipped === 0 ? '' : `, ${tally.skipped} skipped`;
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;

/** @returns {Promise<Tally>} */
async function verify() {
  try {
    requireNode();
    await ensurePackages();
    const server = await ensureNatsServer();
    await findBrowser();
    const built = await step('build', build);
    const checked = await checkAll();
    const tested = await runTests(server, ['unit', 'integration', 'e2e']);
    const again = await runOnOldServer(server);
    return sum([built, checked, tested, again]);
  } catch (error) {
    report(error);
    return oneFailed;
  }
}

/** Once and not by each test that opens a page; without a browser those are skipped. */
async function findBrowser() {
  try {
    process.env.NATSX_CHROMIUM = await ensureChromium();
  } catch (error) {
    report(error);
  }
}

/** @returns {Promise<Tally>} */
async function checkAll() {
  const { runChecks } = await import('./check.mjs');
  const results = await runChecks();
  return sum(results.map(({ passed }) => (passed ? onePassed : oneFailed)));
}

/**
 * The same tests on 2.9, which is what some distributions ship: `NATSX_NATS_SERVER_2_9`, or one on PATH or in the cache.
 *
 * @param {string} server the one that the tests have run on
 * @returns {Promise<Tally>}
 */
async function runOnOldServer(server) {
  const old = await findOldServer();
  if (old === undefined) {
    console.log('no nats-server 2.9 here: its part of the matrix is left out');
    return nothing;
  }
  if (old.path === server) return nothing;
  console.log(
    `once more on nats-server ${old.version} (${old.path}), what the server has a part in`,
  );
  return runTests(old.path, ['integration', 'e2e'], sameOnAnyServer);
}

/** @returns {Promise<import('./find-program.mjs').Found | undefined>} */
async function findOldServer() {
  const named = process.env.NATSX_NATS_SERVER_2_9;
  if (named) {
    const version = await versionOf(named);
    if (version === 'unknown')
      throw new Error(
        `NATSX_NATS_SERVER_2_9 names ${named}, which is no nats-server that runs here`,
      );
    return { path: named, version };
  }
  const paths = [
    ...programsOnPath('nats-server', process.env, { serverFoldersToo: true }),
    ...programsInCache('nats-server', process.env),
  ];
  for (const path of paths) {
    const version = await versionOf(path);
    if (version !== 'unknown' && compareVersions(version, oldestWanted) < 0)
      return { path, version };
  }
  return undefined;
}

/**
 * Runs test projects with vitest and counts from its report.
 *
 * @param {string} server path of the nats-server to test on
 * @param {readonly string[]} projects
 * @param {readonly string[]} [excluded] globs of test files
 * @returns {Promise<Tally>}
 */
async function runTests(server, projects, excluded = []) {
  const choice = [
    ...projects.flatMap((project) => ['--project', project]),
    ...excluded.flatMap((glob) => ['--exclude', glob]),
  ];
  try {
    const run = await runOnce(server, choice);
    return countTests(run.report, run.code);
  } catch (error) {
    report(error);
    return oneFailed;
  }
}

/**
 * @param {string} server
 * @param {readonly string[]} choice which tests, as vitest's arguments
 * @returns {Promise<Run>}
 * @throws {Error} when vitest has left no report
 */
async function runOnce(server, choice) {
  const folder = mkdtempSync(join(tmpdir(), 'natsx-verify-'));
  const reportFile = join(folder, 'report.json');
  try {
    const code = await runVitest(server, [
      ...choice,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
    ]);
    return { code, report: JSON.parse(readFileSync(reportFile, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} server
 * @param {readonly string[]} args
 * @returns {Promise<number | null>} exit code
 */
function runVitest(server, args) {
  return new Promise((resolve, reject) => {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const child = spawn(process.execPath, [vitest, 'run', ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, NATSX_NATS_SERVER: server },
    });
    child.once('error', reject);
    child.once('close', resolve);
  });
}

/**
 * @param {{ testResults: readonly FileResult[] }} report
 * @param {number | null} code vitest's exit code
 * @returns {Tally}
 */
function countTests({ testResults }, code) {
  const tally = countFiles(testResults);
  // Errors outside of any test show in the exit code alone.
  return tally.failed === 0 && code !== 0 ? { ...tally, failed: 1 } : tally;
}

/**
 * @param {readonly FileResult[]} files
 * @returns {Tally}
 */
function countFiles(files) {
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failed = tests.filter(({ status }) => status === 'failed').length;
  // A file that cannot even be loaded, or whose hooks fail, has failed without a failed test.
  const broken = files.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  return { passed, failed: failed + broken, skipped: tests.length - passed - failed };
}

/**
 * @param {string} name
 * @param {() => Promise<void>} run
 * @returns {Promise<Tally>}
 */
async function step(name, run) {
  try {
    await run();
    return onePassed;
  } catch (error) {
    console.log(`FAILED ${name}`);
    report(error);
    return oneFailed;
  }
}

/** @param {readonly Tally[]} tallies */
function sum(tallies) {
  return tallies.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }));
}

/** @param {unknown} error */
function report(error) {
  console.log(error instanceof Error ? error.message : String(error));
}
