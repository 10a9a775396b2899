import { createPrivateKey, X509Certificate } from 'node:crypto';

import type { TlsMaterial } from './model/dial.js';
import { usageError } from '../core/errors.js';
import { nameOf, readTextFile, type Origin } from './credential-text.js';

/** A file and where its name comes from. */
export interface NamedFile {
  readonly path: string;
  readonly origin: Origin;
}

/** Where the PEM texts are. */
export interface TlsFiles {
  readonly ca?: NamedFile | undefined;
  readonly cert?: NamedFile | undefined;
  readonly key?: NamedFile | undefined;
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
  const ca = files.ca === undefined ? undefined : readCertificates(files.ca).pem;
  if (files.cert === undefined || files.key === undefined) return ca === undefined ? {} : { ca };
  const { pem: cert, first } = readCertificates(files.cert);
  const key = readKey(files.key, files.cert, first);
  return { ...(ca === undefined ? {} : { ca }), cert, key };
}

const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\s\S]*?-----END[^-]*-----/g;

function readCertificates({ path, origin }: NamedFile): { pem: string; first: X509Certificate } {
  const pem = readTextFile(path, origin);
  const flag = nameOf(origin);
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
    `the file "${path}" of ${flag} contains no certificate`,
    'it must be a PEM text: -----BEGIN CERTIFICATE-----',
  );
}

function readKey(
  file: NamedFile,
  certificateFile: NamedFile,
  certificate: X509Certificate,
): string {
  const pem = readTextFile(file.path, file.origin);
  if (!belongTogether(pem, file, certificate)) {
    throw usageError(
      `the key "${file.path}" of ${nameOf(file.origin)} does not belong to the certificate of ${nameOf(certificateFile.origin)}`,
      'give the two that belong together',
    );
  }
  return pem;
}

function belongTogether(
  pem: string,
  { path, origin }: NamedFile,
  certificate: X509Certificate,
): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem));
  } catch {
    const isLocked = pem.includes('ENCRYPTED');
    throw usageError(
      isLocked
        ? `the key "${path}" of ${nameOf(origin)} is encrypted with a password`
        : `the file "${path}" of ${nameOf(origin)} contains no private key`,
      isLocked
        ? 'take the password off: openssl pkey -in KEY -out PLAIN_KEY'
        : 'it must be a PEM text: -----BEGIN PRIVATE KEY-----',
    );
  }
}
