/**
 * @typedef {object} Target a system that an executable is made for
 * @property {string} name as in `--target`
 * @property {string} bunPackage npm package of the runtime
 * @property {string} bunTarget Bun's name of the target
 * @property {'linux' | 'darwin' | 'windows'} system
 * @property {'x64' | 'arm64'} arch
 * @property {string} suffix of the program's name
 */

/** @type {readonly Target[]} */
export const targets = [
  ['linux-x64', 'linux-x64'],
  ['linux-arm64', 'linux-aarch64'],
  ['linux-x64-musl', 'linux-x64-musl'],
  ['linux-arm64-musl', 'linux-aarch64-musl'],
  ['darwin-x64', 'darwin-x64'],
  ['darwin-arm64', 'darwin-aarch64'],
  ['windows-x64', 'windows-x64'],
].map(([name = '', kind = '']) => {
  const [system, arch] = /** @type {[Target['system'], Target['arch']]} */ (name.split('-'));
  return {
    name,
    bunPackage: `@oven/bun-${kind}`,
    bunTarget: `bun-${name}`,
    system,
    arch,
    suffix: system === 'windows' ? '.exe' : '',
  };
});

/**
 * @param {string} name `all`, or names separated by commas
 * @throws {Error} for a name that does not exist
 */
export function targetsNamed(name) {
  if (name === 'all') return targets;
  return name.split(',').map((one) => {
    const target = targets.find((each) => each.name === one);
    if (target !== undefined) return target;
    const known = targets.map((each) => each.name).join(', ');
    throw new Error(`there is no target ${one}: ${known}, all`);
  });
}
