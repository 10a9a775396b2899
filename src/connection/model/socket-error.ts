import { NatsxError } from '../../core/errors.js';
import { NO_TLS_HINT, REFUSED_HINT } from './connection-hints.js';

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: REFUSED_HINT,
  ENOTFOUND: 'the host name is unknown: check --server',
  EAI_AGAIN: 'name resolution failed for now: check the network',
  ETIMEDOUT: 'check the address, the network and its firewalls',
  EHOSTUNREACH: 'check the address, the network and its firewalls',
  ENETUNREACH: 'check the address, the network and its firewalls',
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS_HINT,
};

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'name resolution failed',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is signed by an unknown authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is signed by an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the server's certificate is signed by an unknown authority",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not answer with TLS',
};

const CERTIFICATE_HINT = "name the authority's certificate with --tls-ca";

/** Translates what went wrong with a socket, by its code. `server` is the address for the message. */
export function socketError(cause: Error | undefined, server: string): NatsxError {
  if (cause instanceof NatsxError) return cause;
  const code = codeOf(cause);
  const details = { server, ...(code === undefined ? {} : { code }) };
  if (
    code !== undefined &&
    /ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)/.test(code)
  ) {
    return clientCertificateError(server, cause);
  }
  const reason =
    cause === undefined
      ? 'the server closed the connection'
      : ((code === undefined ? undefined : REASONS[code]) ?? reasonOf(cause));
  const hint = code === undefined ? undefined : (HINTS[code] ?? hintForCertificate(code));
  return new NatsxError('connection', `the connection to ${server} failed: ${reason}`, {
    hint,
    cause,
    details,
  });
}

/** The server demands a client certificate, or does not accept the one that was sent. */
export function clientCertificateError(server: string, cause?: unknown): NatsxError {
  return new NatsxError('auth', `the server ${server} demands a client certificate`, {
    hint: 'give one with --tls-cert and --tls-key, signed by an authority that the server trusts',
    cause,
    details: { server },
  });
}

/** OpenSSL's own messages are a line of numbers and places in its source, with the reason inside. */
function reasonOf(cause: Error): string {
  const { library, reason } = cause as { readonly library?: unknown; readonly reason?: unknown };
  if (library !== undefined && typeof reason === 'string' && reason !== '') return reason;
  return cause.message.trim() || cause.name;
}

function codeOf(cause: Error | undefined): string | undefined {
  return cause !== undefined && 'code' in cause && typeof cause.code === 'string'
    ? cause.code
    : undefined;
}

function hintForCertificate(code: string): string | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'use the host name of the certificate';
  return code.includes('CERT') || code.includes('SIGNATURE') ? CERTIFICATE_HINT : undefined;
}
