import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
// @peculiar/x509 asks its users to load this before it.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { ServerTls } from './server-config.js';
import { temporaryFolder } from './shut-down.js';

/** A certificate and its key, as PEM texts and as files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate authority of a test's own, with a server and a client that it vouches for. */
export interface TestCertificates {
  readonly ca: string;
  readonly caFile: string;
  /** For `127.0.0.1` and `localhost`. */
  readonly server: Certificate;
  /** Common name `client`, e-mail `client@example.com`. */
  readonly client: Certificate;
  /** Options for `startNatsServer({ tls })`. */
  readonly serverTls: ServerTls;
  /** The same for a server that demands a client certificate. */
  readonly mutualTls: ServerTls;
}

export interface CertificateOptions {
  /** Host names and addresses that the server certificate is good for. @default 127.0.0.1 and localhost */
  readonly hosts?: readonly string[];
  /** When the server certificate ends. @default in a day */
  readonly serverExpiresAt?: Date;
}

interface Issuer {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

const signing = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 3_600_000;

/** Makes a new authority, a server and a client; takes a few milliseconds. The files go when the test file ends. */
export async function makeCertificates(
  options: CertificateOptions = {},
): Promise<TestCertificates> {
  const folder = temporaryFolder('tls');
  const authority = await makeAuthority();
  const ca = authority.certificate.toString('pem');
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, ca);

  const hosts = options.hosts ?? ['127.0.0.1', 'localhost'];
  const server = await issue(authority, {
    folder,
    name: 'server',
    usage: x509.ExtendedKeyUsage.serverAuth,
    alternativeNames: hosts.map((value) => ({
      type: /^[\d.:]+$/.test(value) ? 'ip' : 'dns',
      value,
    })),
    ...(options.serverExpiresAt && { expiresAt: options.serverExpiresAt }),
  });
  const client = await issue(authority, {
    folder,
    name: 'client',
    usage: x509.ExtendedKeyUsage.clientAuth,
    alternativeNames: [{ type: 'email', value: 'client@example.com' }],
  });
  const serverTls: ServerTls = { certFile: server.certFile, keyFile: server.keyFile, caFile };
  return { ca, caFile, server, client, serverTls, mutualTls: { ...serverTls, verify: true } };
}

async function makeAuthority(): Promise<Issuer> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=natsx test authority',
    ...validity(),
    signingAlgorithm: signing,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys };
}

interface Subject {
  readonly folder: string;
  readonly name: string;
  readonly usage: x509.ExtendedKeyUsage;
  readonly alternativeNames: x509.JsonGeneralNames;
  readonly expiresAt?: Date;
}

async function issue(authority: Issuer, subject: Subject): Promise<Certificate> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${subject.name}`,
    issuer: authority.certificate.subject,
    ...validity(subject.expiresAt),
    signingAlgorithm: signing,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.ExtendedKeyUsageExtension([subject.usage]),
      new x509.SubjectAlternativeNameExtension(subject.alternativeNames),
    ],
  });
  const cert = certificate.toString('pem');
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
  const certFile = join(subject.folder, `${subject.name}.pem`);
  const keyFile = join(subject.folder, `${subject.name}.key`);
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  return { cert, key, certFile, keyFile };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(signing, true, ['sign', 'verify']);
}

/** From yesterday, so that a clock that is a little off does no harm. */
function validity(expiresAt = new Date(Date.now() + dayMs)): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - 2 * dayMs), notAfter: expiresAt };
}
