import { isAtLeast } from '../../core/server-needs.js';
import type { Severity } from '../../core/findings/severity.js';

/** A bug that some versions of nats-server have and others have fixed. */
export interface KnownBug {
  readonly id: string;
  readonly severity: Extract<Severity, 'warning' | 'critical'>;
  readonly what: string;
  /** The first version that has it, or that it was seen in. */
  readonly since: string;
  /** The first version of each release line with the fix; lines before the first were not fixed. In ascending order. */
  readonly fixedIn: readonly string[];
  /** When the source was published. */
  readonly dated: string;
  readonly source: string;
}

/** As of 2026-06-29. Only bugs that lose messages, let others in, or crash the server. */
export const KNOWN_BUGS: readonly KnownBug[] = [
  {
    id: 'advisory 2026-16',
    severity: 'warning',
    what: 'with no_auth_user, routes and leaf nodes are open without credentials',
    since: '2.0.0',
    fixedIn: ['2.11.16', '2.12.7', '2.14.0'],
    dated: '2026-06-29',
    source: 'https://advisories.nats.io/CVE/secnote-2026-16.txt',
  },
  {
    id: 'advisory 2026-18',
    severity: 'warning',
    what: 'a queue subscription can get around a denied subject',
    since: '2.0.0',
    fixedIn: ['2.11.16', '2.12.7', '2.14.0'],
    dated: '2026-06-29',
    source: 'https://advisories.nats.io/CVE/secnote-2026-18.txt',
  },
  {
    id: 'GHSA-9983-vrx2-fg9c',
    severity: 'warning',
    what: 'a user who may restore one stream may overwrite others',
    since: '2.2.0',
    fixedIn: ['2.11.15', '2.12.6'],
    dated: '2026-03-24',
    source: 'https://github.com/advisories/GHSA-9983-vrx2-fg9c',
  },
  {
    id: 'CVE-2026-27889',
    severity: 'warning',
    what: 'a WebSocket frame crashes the server before authentication',
    since: '2.2.0',
    fixedIn: ['2.11.14', '2.12.5'],
    dated: '2026-03-25',
    source: 'https://nvd.nist.gov/vuln/detail/CVE-2026-27889',
  },
  {
    id: 'CVE-2026-29785',
    severity: 'warning',
    what: 'a client that reaches a leaf node port with compression crashes the server before authentication',
    // The first version with compression of leaf node connections.
    since: '2.10.0',
    fixedIn: ['2.11.14', '2.12.5'],
    dated: '2026-03-09',
    source: 'https://nvd.nist.gov/vuln/detail/CVE-2026-29785',
  },
  {
    id: 'stream deleted after a crash',
    severity: 'critical',
    what: 'killing a server process can delete a replicated stream with all its messages',
    since: '2.10.20',
    fixedIn: ['2.10.23'],
    dated: '2025-12-08',
    source: 'https://jepsen.io/analyses/nats-2.12.1',
  },
  {
    id: 'CVE-2025-30215',
    severity: 'critical',
    what: 'users of one account can manage and delete the streams of another',
    since: '2.2.0',
    fixedIn: ['2.10.27', '2.11.1'],
    dated: '2025-04-15',
    source: 'https://nvd.nist.gov/vuln/detail/CVE-2025-30215',
  },
];

/** The known bugs of a version, in the table's order; none for a version that cannot be read. */
export function knownBugs(version: string): readonly KnownBug[] {
  if (!/^\d+\.\d+\.\d+/.test(version)) return [];
  return KNOWN_BUGS.filter((bug) => isAtLeast(version, bug.since) && !isFixed(version, bug));
}

/** Fixed in its own release line, or its line started after the last fix. */
function isFixed(version: string, { fixedIn }: KnownBug): boolean {
  const line = lineOf(version);
  const own = fixedIn.find((fix) => lineOf(fix) === line);
  return isAtLeast(version, own ?? fixedIn.at(-1) ?? version);
}

function lineOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
