import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import type { DialOptions } from '../domain/dial.js';
import { NatsxError } from '../domain/errors.js';

/** A server that is there answers sooner than this. */
const LOOK_AFTER_MS = 300;
const INFO_LIMIT_BYTES = 64 * 1024;

/**
 * Finds out why a connection takes so long. With TLS 1.3 a server tells a client without a certificate
 * only after the handshake, and the client then waits in vain; its INFO says so at once.
 *
 * @returns never, unless it knows the reason; stops on the signal
 * @throws {NatsxError} auth — the server demands a client certificate and none was given
 */
export async function explainSlowConnect(dial: DialOptions, signal: AbortSignal): Promise<never> {
  await sleep(LOOK_AFTER_MS, undefined, { signal });
  if (dial.tls?.cert === undefined && !dial.tlsFirst) {
    for (const server of dial.servers) {
      if (!(await demandsCertificate(server, dial.timeoutMs))) continue;
      throw new NatsxError('auth', `${server} demands a client certificate`, {
        hint: 'give --tls-cert and --tls-key',
      });
    }
  }
  return new Promise<never>(() => undefined);
}

async function demandsCertificate(server: string, timeoutMs: number): Promise<boolean> {
  const line = await firstLine(server, timeoutMs);
  const match = /^INFO (\{.*\})/.exec(line);
  if (match?.[1] === undefined) return false;
  const info = JSON.parse(match[1]) as { readonly tls_verify?: boolean };
  return info.tls_verify === true;
}

/** What the other side says first; empty when it says nothing. */
function firstLine(server: string, timeoutMs: number): Promise<string> {
  const url = new URL(server.replace(/^\w+:/, 'http:'));
  return new Promise((resolve) => {
    let text = '';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = createConnection(Number(url.port === '' ? '80' : url.port), host);
    const finish = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(timeoutMs, finish);
    socket.on('error', finish);
    socket.on('close', finish);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.includes('\n') || text.length > INFO_LIMIT_BYTES) finish();
    });
  });
}
