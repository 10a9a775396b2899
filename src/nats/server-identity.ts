import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

type IdentityCheck = (host: string, certificate: PeerCertificate) => Error | undefined;

/** What Node.js takes for the host when the client upgrades a connection to an address. */
const NO_NAME = 'localhost';

/**
 * Checks the certificate of a server that is named by its address. The client tells Node.js no name for those, which
 * then wants the certificate to be for `localhost`: one for the address would be refused, and one for `localhost`
 * accepted from anywhere.
 *
 * @param servers URLs of the servers
 * @returns undefined when all have names: Node.js' own check is right then
 */
export function identityCheck(servers: readonly string[]): IdentityCheck | undefined {
  const hosts = servers.map(hostOf);
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  if (addresses.length === 0) return undefined;
  const unnamed = hosts.includes(NO_NAME) ? [...addresses, NO_NAME] : addresses;
  return (host, certificate) => {
    const failures = (host === NO_NAME ? unnamed : [host]).map((name) =>
      checkServerIdentity(name, certificate),
    );
    return failures.includes(undefined) ? undefined : failures[0];
  };
}

function hostOf(server: string): string {
  const { hostname } = new URL(server.includes('://') ? server : `nats://${server}`);
  return hostname.replace(/^\[|\]$/g, '');
}
