import { createPrivateKey, X509Certificate } from 'node:crypto';

import type { TlsMaterial } from '../domain/connection/dial.js';
import { usageError } from '../domain/errors.js';
import { readTextFile } from './credential-text.js';

/** Where the PEM texts are. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Reads the files and makes sure that they are what they are taken for: a file without a certificate would otherwise be
 * passed over, and look as if the server were wrong.
 *
 * @throws {NatsxError} usage — a file cannot be read or parsed, or certificate and key are not a pair
 */
export function readTlsMaterial(files: TlsFiles): TlsMaterial {
  if ((files.cert === undefined) !== (files.key === undefined)) {
    throw usageError('a TLS client certificate needs both parts', 'give --tls-cert and --tls-key');
  }
  const ca = files.ca === undefined ? undefined : readCertificates(files.ca, '--tls-ca').pem;
  if (files.cert === undefined || files.key === undefined) return ca === undefined ? {} : { ca };
  const { pem: cert, first } = readCertificates(files.cert, '--tls-cert');
  const key = readKey(files.key, first);
  return { ...(ca === undefined ? {} : { ca }), cert, key };
}

const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\s\S]*?-----END[^-]*-----/g;

function readCertificates(path: string, flag: string): { pem: string; first: X509Certificate } {
  const pem = readTextFile(path, flag);
  try {
    const [first] = (pem.match(CERTIFICATE) ?? []).map((block) => new X509Certificate(block));
    if (first !== undefined) return { pem, first };
  } catch {
    throw usageError(
      `a certificate in the file "${path}" of ${flag} cannot be parsed`,
      'it must be a whole PEM block',
    );
  }
  throw usageError(
    `the file "${path}" of ${flag} holds no certificate`,
    'it must be a PEM text: -----BEGIN CERTIFICATE-----',
  );
}

function readKey(path: string, certificate: X509Certificate): string {
  const pem = readTextFile(path, '--tls-key');
  if (!belongTogether(pem, path, certificate)) {
    throw usageError(
      `the key "${path}" of --tls-key does not belong to the certificate of --tls-cert`,
      'give the two that were made together',
    );
  }
  return pem;
}

function belongTogether(pem: string, path: string, certificate: X509Certificate): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem));
  } catch {
    const isLocked = pem.includes('ENCRYPTED');
    throw usageError(
      isLocked
        ? `the key "${path}" of --tls-key is encrypted with a password`
        : `the file "${path}" of --tls-key holds no private key`,
      isLocked
        ? 'take the password off: openssl pkey -in KEY -out PLAIN_KEY'
        : 'it must be a PEM text: -----BEGIN PRIVATE KEY-----',
    );
  }
}
