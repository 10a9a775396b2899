import { createPrivateKey, createPublicKey } from 'node:crypto';

import { encodeUserKey, seedKeyBytes } from './model/nkey-seed.js';

/** What precedes the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_BYTES = 32;

/** The public key (`U…`) of a user's seed, whose checksum is right. */
export function publicKeyOf(seed: string): string {
  const der = Buffer.concat([PKCS8, seedKeyBytes(seed)]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return encodeUserKey(key.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES));
}
