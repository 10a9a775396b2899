/** The bill of materials: what is in the executables, in CycloneDX's form. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { runProgram } from '../find-program.mjs';
import { root } from '../ready.mjs';
import { bunVersion } from './bun.mjs';

/**
 * npm's list of all packages of the lock file, reduced to those whose code is in natsx, and the runtime. npm would write
 * the time and a random number into it; here they depend on the content alone.
 *
 * @param {object} release
 * @param {string} release.version
 * @param {number} release.epochS
 * @returns {Promise<string>} JSON
 */
export async function billOfMaterials({ version, epochS }) {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const bom = JSON.parse(await runProgram('npm', args, { env: process.env, cwd: root }));
  const bundled = bundledPackages();
  /** @type {{ 'bom-ref': string }[]} */
  const components = bom.components;
  const kept = components.filter((component) => bundled.has(component['bom-ref']));
  const missing = [...bundled].filter((ref) => kept.every((one) => one['bom-ref'] !== ref));
  if (missing.length > 0) throw new Error(`npm sbom does not list ${missing.join(', ')}`);
  const runtime = {
    'bom-ref': `bun@${bunVersion}`,
    type: 'framework',
    name: 'bun',
    version: bunVersion,
    description: 'the runtime of the executables; the npm package runs on Node.js',
    purl: `pkg:npm/bun@${bunVersion}`,
    licenses: [{ license: { id: 'MIT' } }],
  };
  bom.metadata.timestamp = new Date(epochS * 1000).toISOString();
  bom.metadata.component.name = 'natsx';
  bom.metadata.component.type = 'application';
  bom.components = [
    ...kept.map((component) => ({ ...component, scope: 'required', properties: [] })),
    runtime,
  ];
  bom.dependencies = [
    {
      ref: bom.metadata.component['bom-ref'],
      dependsOn: bom.components.map((/** @type {{ 'bom-ref': string }} */ one) => one['bom-ref']),
    },
  ];
  delete bom.serialNumber;
  const digest = createHash('sha256')
    .update(`natsx ${version}\n${JSON.stringify(bom)}`)
    .digest('hex');
  const uuid = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(digest)?.slice(1) ?? [];
  const [a, b, c, d, e] = uuid;
  bom.serialNumber = `urn:uuid:${a}-${b}-5${c}-8${d}-${e}`;
  return `${JSON.stringify(bom, null, 2)}\n`;
}

/** Name and version of each package with code in the bundle; the build lists them with their licences. */
function bundledPackages() {
  const text = readFileSync(join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  const sections = text.split(`\n${'-'.repeat(80)}\n\n`);
  return new Set(
    sections.flatMap((section) => {
      const [, name, version] = /^(\S+) (\S+) \(/.exec(section) ?? [];
      return name === undefined ? [] : [`${name}@${version}`];
    }),
  );
}
