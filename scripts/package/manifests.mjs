/** Formula and manifests for Homebrew, Scoop and winget, from one description of the release. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * @typedef {object} Published
 * @property {string} version
 * @property {string} date of the release, `2026-11-30`
 * @property {string} url folder of the release's files, without a closing slash
 * @property {string} homepage
 * @property {(file: string) => string} sha256 of a file of the release
 * @property {(target: string) => string} archive file name of a target's archive
 */

const description = 'Operations tool for NATS: publish, subscribe, benchmark, explain backlogs';

/**
 * The texts of all manifests, by their paths.
 *
 * @param {Published} release
 * @returns {ReadonlyMap<string, string>}
 */
export function manifestTexts(release) {
  const { version } = release;
  const winget = (/** @type {string} */ kind) =>
    `winget/natsx.natsx${kind === '' ? '' : `.${kind}`}.yaml`;
  return new Map([
    ['homebrew/natsx.rb', formula(release)],
    ['scoop/natsx.json', scoop(release)],
    [winget(''), wingetVersion(version)],
    [winget('installer'), wingetInstaller(release)],
    [winget('locale.en-US'), wingetLocale(release)],
  ]);
}

/** @param {Published} release @param {string} folder */
export function writeManifests(release, folder) {
  for (const [path, text] of manifestTexts(release)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** @param {Published} release */
function formula({ version, url, homepage, sha256, archive }) {
  const source = (/** @type {string} */ target) =>
    `url "${url}/${archive(target)}"\n      sha256 "${sha256(archive(target))}"`;
  const system = (/** @type {string} */ name) => `    on_arm do
      ${source(`${name}-arm64`)}
    end
    on_intel do
      ${source(`${name}-x64`)}
    end`;
  return `class Natsx < Formula
  desc "${description}"
  homepage "${homepage}"
  version "${version}"
  license "Apache-2.0"

  on_macos do
${system('darwin')}
  end
  on_linux do
${system('linux')}
  end

  def install
    bin.install "natsx"
    bash_completion.install "completions/natsx.bash" => "natsx"
    zsh_completion.install "completions/natsx.zsh" => "_natsx"
    fish_completion.install "completions/natsx.fish"
    man1.install Dir["man/*.1"]
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/natsx --version")
  end
end
`;
}

/** @param {Published} release */
function scoop({ version, url, homepage, sha256, archive }) {
  const file = archive('windows-x64');
  return `${JSON.stringify(
    {
      version,
      description,
      homepage,
      license: 'Apache-2.0',
      architecture: {
        '64bit': {
          url: `${url}/${file}`,
          hash: sha256(file),
          extract_dir: file.replace(/\.zip$/, ''),
        },
      },
      bin: 'natsx.exe',
    },
    null,
    2,
  )}\n`;
}

const wingetIds = (/** @type {string} */ version, /** @type {string} */ type) =>
  `# yaml-language-server: $schema=https://aka.ms/winget-manifest.${type}.1.9.0.schema.json
PackageIdentifier: natsx.natsx
PackageVersion: ${version}
`;
const wingetEnd = (/** @type {string} */ type) => `ManifestType: ${type}\nManifestVersion: 1.9.0\n`;

/** @param {string} version */
function wingetVersion(version) {
  return `${wingetIds(version, 'version')}DefaultLocale: en-US\n${wingetEnd('version')}`;
}

/** @param {Published} release */
function wingetInstaller({ version, date, url, sha256, archive }) {
  const file = archive('windows-x64');
  return `${wingetIds(version, 'installer')}InstallerType: zip
NestedInstallerType: portable
NestedInstallerFiles:
  - RelativeFilePath: ${file.replace(/\.zip$/, '')}\\natsx.exe
    PortableCommandAlias: natsx
ReleaseDate: ${date}
Installers:
  - Architecture: x64
    InstallerUrl: ${url}/${file}
    InstallerSha256: ${sha256(file).toUpperCase()}
${wingetEnd('installer')}`;
}

/** @param {Published} release */
function wingetLocale({ version, homepage }) {
  return `${wingetIds(version, 'defaultLocale')}PackageLocale: en-US
Publisher: The natsx authors
PackageName: natsx
PackageUrl: ${homepage}
License: Apache-2.0
ShortDescription: "${description}"
${wingetEnd('defaultLocale')}`;
}
