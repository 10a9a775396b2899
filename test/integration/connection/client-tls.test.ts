import { describe, expect, it, onTestFinished } from 'vitest';

import type { DialOptions } from '../../../src/connection/model/dial.js';
import type { NatsxError } from '../../../src/core/errors.js';
import { connectClient } from '../../../src/connection/connect.js';
import { startNatsServer } from '../../support/nats-server.js';
import { requires } from '../../support/server-version.js';
import { makeCertificates } from '../../support/tls.js';

async function roundTrip(url: string, differing: Partial<DialOptions>): Promise<void> {
  const dial: DialOptions = {
    servers: [url],
    name: 'natsx test',
    credentials: () => ({}),
    tls: undefined,
    tlsFirst: false,
    inboxPrefix: '_INBOX',
    timeoutMs: 5_000,
    ...differing,
  };
  const policy = { waitForServerMs: 0, giveUpAfterMs: 0, onEvent: () => undefined };
  const client = await connectClient(dial, policy, new AbortController().signal);
  onTestFinished(() => client.close());
  await client.connection.flush();
}

const failure = async (url: string, differing: Partial<DialOptions> = {}): Promise<string> => {
  const error = (await roundTrip(url, differing).catch((reason: unknown) => reason)) as NatsxError;
  return `${error.kind}: ${error.message}`;
};
const byName = (url: string): string => url.replace('127.0.0.1', 'localhost');

describe('a server that requires TLS', () => {
  it('gets it without being asked; what it shows is checked all the same', async () => {
    const { serverTls, ca } = await makeCertificates();
    const { url } = await startNatsServer({ tls: serverTls });
    const plain = url.replace('tls://', 'nats://');
    expect(await failure(plain)).toMatch(/^connection: .* signed by an unknown authority/);
    await roundTrip(plain, { tls: { ca } });
  });

  it.each([
    ['127.0.0.1', (url: string) => url, byName],
    ['localhost', byName, (url: string) => url],
  ])('has a certificate for %s: good for that alone', async (host, right, wrong) => {
    const { serverTls, ca } = await makeCertificates({ hosts: [host] });
    const { url } = await startNatsServer({ tls: serverTls });
    await roundTrip(right(url), { tls: { ca } });
    expect(await failure(wrong(url), { tls: { ca } })).toMatch(/certificate is for another name/);
  });

  it('and a certificate of ours says so, whatever was given', async () => {
    const { mutualTls, ca, client } = await makeCertificates();
    const { url } = await startNatsServer({ tls: mutualTls });
    const demanded = /^auth: .* demands a client certificate/;
    expect(await failure(url.replace('tls://', 'nats://'))).toMatch(demanded);
    expect(await failure(url, { tls: { ca } })).toMatch(demanded);
    await roundTrip(url, { tls: { ca, cert: client.cert, key: client.key } });
  });

  it('before its greeting names the flag', async () => {
    await requires('2.10.4');
    const { serverTls, ca } = await makeCertificates({ hosts: ['127.0.0.1'] });
    const { url } = await startNatsServer({ tls: { ...serverTls, handshakeFirst: true } });
    expect(await failure(url, { tls: { ca }, timeoutMs: 300 })).toMatch(/^connection: /);
    await roundTrip(url, { tls: { ca }, tlsFirst: true });
    const name = { tls: { ca }, tlsFirst: true };
    expect(await failure(byName(url), name)).toMatch(/certificate is for another name/);
  });
});

it('TLS that was asked for is never given up silently', async () => {
  const { url } = await startNatsServer();
  expect(await failure(url, { tls: {} })).toMatch(/^connection: .* offers no TLS/);
});
