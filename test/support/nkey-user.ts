import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import type { ConfigBlock } from './server-config.js';
import { temporaryFolder } from './shut-down.js';

/** A user that proves its identity with an NKEY. */
export interface NkeyUser {
  /** `U…`: what the server's configuration names. */
  readonly publicKey: string;
  /** `SU…`: what the client signs with. */
  readonly seed: string;
  /** A file that holds the seed; removed when the test file ends. */
  readonly seedFile: string;
  /** The server's `authorization` block that lets this user in, and nobody else. */
  readonly authorization: Extract<ConfigBlock, object>;
}

export function makeNkeyUser(): NkeyUser {
  const keys = createUser();
  const publicKey = keys.getPublicKey();
  const seed = new TextDecoder().decode(keys.getSeed());
  const seedFile = join(temporaryFolder('nkey'), 'user.nk');
  writeFileSync(seedFile, `${seed}\n`, { mode: 0o600 });
  return { publicKey, seed, seedFile, authorization: { users: [{ nkey: publicKey }] } };
}
