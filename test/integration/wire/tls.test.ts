import { describe, expect, it } from 'vitest';
import { startNatsServer } from '../../support/nats-server.js';
import { requires } from '../../support/server-version.js';
import { makeCertificates } from '../../support/tls.js';
import { dialTo, failure, laneTo } from './dialled.js';
import type { Lane } from '../../../src/wire/lane.js';

async function carriesMessages(lane: Lane): Promise<void> {
  const sizes: number[] = [];
  lane.subscribe('a', {}, (message) => sizes.push(message.payloadSize));
  for (let count = 0; count < 100; count++) {
    lane.publish({ subject: 'a', payload: new Uint8Array(10_000) });
  }
  await lane.flush(60_000);
  expect(sizes).toEqual(new Array(100).fill(10_000));
}

const plain = (url: string): string => url.replace('tls://', 'nats://');
const secured = (url: string): string => url.replace('nats://', 'tls://');

describe('TLS', () => {
  it('is used when asked for by the scheme', async () => {
    const certificates = await makeCertificates();
    const { url } = await startNatsServer({ tls: certificates.serverTls });
    await carriesMessages(await laneTo(dialTo(secured(url), { tls: { ca: certificates.ca } })));
  });

  it('is used when the server requires it', async () => {
    const certificates = await makeCertificates();
    const { url } = await startNatsServer({ tls: certificates.serverTls });
    await carriesMessages(await laneTo(dialTo(plain(url), { tls: { ca: certificates.ca } })));
  });

  it('may come before INFO', async () => {
    await requires('2.10.4');
    const certificates = await makeCertificates();
    const tls = { ...certificates.serverTls, handshakeFirst: true };
    const { url } = await startNatsServer({ tls });
    const material = { ca: certificates.ca };
    await carriesMessages(await laneTo(dialTo(url, { tls: material, tlsFirst: true })));
    const error = await failure(laneTo(dialTo(url, { tls: material, timeoutMs: 300 })));
    expect(error.kind).toBe('connection');
    expect(error.hint).toContain('--tls-first');
  });

  it('proves who the client is', async () => {
    const certificates = await makeCertificates();
    const { url } = await startNatsServer({ tls: certificates.mutualTls });
    const { ca, client } = certificates;
    const tls = { ca, cert: client.cert, key: client.key };
    await carriesMessages(await laneTo(dialTo(url, { tls })));
  });

  it('fails when the server demands a certificate that is not given', async () => {
    const certificates = await makeCertificates();
    const { url } = await startNatsServer({ tls: certificates.mutualTls });
    const error = await failure(laneTo(dialTo(url, { tls: { ca: certificates.ca } })));
    expect(error.kind).toBe('auth');
    expect(error.message).toMatch(/demands a client certificate/);
  });

  it('fails likewise when the handshake comes first', async () => {
    await requires('2.10.4');
    const certificates = await makeCertificates();
    const tls = { ...certificates.mutualTls, handshakeFirst: true };
    const { url } = await startNatsServer({ tls });
    const dial = dialTo(url, { tls: { ca: certificates.ca }, tlsFirst: true });
    expect((await failure(laneTo(dial))).kind).toBe('auth');
  });

  it("fails when the client's certificate is from another authority", async () => {
    const certificates = await makeCertificates();
    const stranger = (await makeCertificates()).client;
    const { url } = await startNatsServer({ tls: certificates.mutualTls });
    const tls = { ca: certificates.ca, cert: stranger.cert, key: stranger.key };
    expect((await failure(laneTo(dialTo(url, { tls })))).kind).toBe('auth');
  });

  it('fails when the authority of the server is unknown', async () => {
    const certificates = await makeCertificates();
    const { url } = await startNatsServer({ tls: certificates.serverTls });
    const error = await failure(laneTo(dialTo(plain(url))));
    expect(error.kind).toBe('connection');
    expect(error.message).toMatch(/unknown authority/);
    expect(error.hint).toContain('--tls-ca');
  });

  it('fails when the certificate is for another host', async () => {
    const certificates = await makeCertificates({ hosts: ['elsewhere.example'] });
    const { url } = await startNatsServer({ tls: certificates.serverTls });
    const error = await failure(laneTo(dialTo(url, { tls: { ca: certificates.ca } })));
    expect(error.kind).toBe('connection');
    expect(error.message).toMatch(/for another name/);
  });

  it('is never given up silently', async () => {
    const { url } = await startNatsServer();
    const error = await failure(laneTo(dialTo(secured(url))));
    expect(error.kind).toBe('connection');
    expect(error.message).toMatch(/offers no TLS/);
  });

  it('says which file is wrong', async () => {
    const certificates = await makeCertificates();
    const { url } = await startNatsServer({ tls: certificates.serverTls });
    const error = await failure(laneTo(dialTo(url, { tls: { cert: 'no PEM', key: 'no PEM' } })));
    expect(error.kind).toBe('usage');
  });
});
