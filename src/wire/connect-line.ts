import type { Credentials } from '../connection/model/dial.js';
import type { ServerInfo } from './server-info.js';

/** How the connection introduces itself. */
export interface Introduction {
  readonly name: string;
  /** Version of natsx. */
  readonly version: string;
  /** Whether the connection receives messages that it publishes itself. */
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
    // A server with headers disabled refuses clients that ask for features that need them.
    headers: info.headers === true,
    no_responders: info.headers === true,
  };
  if (user !== undefined) connect['user'] = user;
  if (password !== undefined) connect['pass'] = password;
  if (token !== undefined) connect['auth_token'] = token;
  if (jwt !== undefined) connect['jwt'] = jwt;
  if (seed !== undefined) {
    // Loaded only if a key is used: most connections have none, and loading slows down the start.
    const { signNonce } = await import('./nonce-signature.js');
    const signed = signNonce(seed, info.nonce);
    if (jwt === undefined) connect['nkey'] = signed.publicKey;
    if (signed.signature !== undefined) connect['sig'] = signed.signature;
  }
  return `CONNECT ${JSON.stringify(connect)}`;
}
