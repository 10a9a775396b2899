import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, isBuilt, root } from '../../scripts/ready.mjs';

/** Global set-up of the end-to-end tests: they run what was built. */
export async function setup(): Promise<void> {
  if (!existsSync(join(root, 'oclif.manifest.json'))) await build();
  else if (!isBuilt())
    throw new Error('the built program is older than its sources: npm run build');
}
