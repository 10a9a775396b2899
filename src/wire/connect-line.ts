import type { Credentials } from '../domain/dial.js';
import { NatsxError } from '../domain/errors.js';
import type { ServerInfo } from './server-info.js';

/** How the connection introduces itself. */
export interface Introduction {
  readonly name: string;
  /** Version of natsx. */
  readonly version: string;
  /** Whether messages that this connection publishes come back to its own subscriptions. */
  readonly echo: boolean;
}

/**
 * The CONNECT line (without line end) with the credentials, and the signature of the server's nonce where a seed is given.
 * @throws {NatsxError} auth: the seed is not valid.
 */
export async function connectLine(
  introduction: Introduction,
  credentials: Credentials,
  info: ServerInfo,
): Promise<string> {
  const { user, password, token, jwt, seed } = credentials;
  const connect: Record<string, unknown> = {
    verbose: false,
    pedantic: false,
    tls_required: info.tls_required === true,
    name: introduction.name,
    lang: 'natsx',
    version: introduction.version,
    protocol: 1,
    echo: introduction.echo,
    headers: true,
    no_responders: true,
  };
  if (user !== undefined) connect['user'] = user;
  if (password !== undefined) connect['pass'] = password;
  if (token !== undefined) connect['auth_token'] = token;
  if (jwt !== undefined) connect['jwt'] = jwt;
  if (seed !== undefined) {
    const signed = await signNonce(seed, info.nonce);
    if (jwt === undefined) connect['nkey'] = signed.publicKey;
    if (signed.signature !== undefined) connect['sig'] = signed.signature;
  }
  return `CONNECT ${JSON.stringify(connect)}`;
}

async function signNonce(
  seed: Uint8Array,
  nonce: string | undefined,
): Promise<{ readonly publicKey: string; readonly signature: string | undefined }> {
  // Loaded only where a key is used: most connections have none, and start-up counts.
  const { fromSeed } = await import('@nats-io/nkeys');
  try {
    const pair = fromSeed(seed);
    const signature =
      nonce === undefined
        ? undefined
        : Buffer.from(pair.sign(Buffer.from(nonce))).toString('base64url');
    return { publicKey: pair.getPublicKey(), signature };
  } catch (cause) {
    throw new NatsxError('auth', 'The NKEY seed is not valid.', {
      hint: 'A seed of a user begins with SU and has 58 characters.',
      cause,
    });
  }
}
