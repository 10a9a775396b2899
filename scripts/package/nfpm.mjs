/** nfpm, which makes the packages for Linux: from PATH, natsx's cache, or `go install`. */
import {
  goInstall,
  installIntoCache,
  programsInCache,
  programsOnPath,
  runProgram,
} from '../find-program.mjs';

const nfpmVersion = '2.43.0';

/** @returns {Promise<string>} path of nfpm @throws {Error} when it cannot be installed */
async function findNfpm() {
  const known = [...programsOnPath('nfpm', process.env), ...programsInCache('nfpm', process.env)];
  if (known[0] !== undefined) return known[0];
  const module = `github.com/goreleaser/nfpm/v2/cmd/nfpm@v${nfpmVersion}`;
  process.stderr.write(`nfpm: building it: go install ${module} (a minute or two) …\n`);
  return installIntoCache('nfpm', nfpmVersion, process.env, (folder) =>
    goInstall(module, folder, process.env),
  );
}

/**
 * @param {object} options
 * @param {string} options.config file
 * @param {'deb' | 'rpm' | 'apk'} options.kind
 * @param {string} options.file to write
 * @param {number} options.epochS time of all files
 */
export async function makePackage({ config, kind, file, epochS }) {
  await runProgram(
    await findNfpm(),
    ['package', '--config', config, '--packager', kind, '--target', file],
    { env: { ...process.env, SOURCE_DATE_EPOCH: String(epochS) }, timeout: 600_000 },
  );
}
