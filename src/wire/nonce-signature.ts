import { fromSeed } from '@nats-io/nkeys';

import { NatsxError } from '../core/errors.js';

export interface NonceSignature {
  readonly publicKey: string;
  /** Absent when the server sent no nonce to sign. */
  readonly signature: string | undefined;
}

/**
 * Signs the server's nonce with the key of a seed.
 * @throws {NatsxError} auth: the seed is not valid.
 */
export function signNonce(seed: Uint8Array, nonce: string | undefined): NonceSignature {
  try {
    const pair = fromSeed(seed);
    const signature =
      nonce === undefined
        ? undefined
        : Buffer.from(pair.sign(Buffer.from(nonce))).toString('base64url');
    return { publicKey: pair.getPublicKey(), signature };
  } catch (cause) {
    throw new NatsxError('auth', 'the NKEY seed is not valid', {
      hint: 'a seed of a user begins with SU and has 58 characters',
      cause,
    });
  }
}
