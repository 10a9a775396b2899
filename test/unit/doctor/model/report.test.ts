import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auditRuleText as textOf, parseIgnored } from '../../../../src/doctor/model/explain.js';
import { guessReason, isIdentified } from '../../../../src/doctor/model/guessable.js';
import { KNOWN_BUGS, knownBugs } from '../../../../src/doctor/model/known-bugs.js';
import { auditJson, countFrom } from '../../../../src/doctor/model/report.js';
import { AUDIT_TEXTS } from '../../../../src/doctor/model/rule-table.js';
import { FINDING_WIDTH_CASES } from './wide-report.js';
import { auditText } from '../../../../src/doctor/view/doctor-text.js';
import { createStyle } from '../../../../src/terminal/text/style.js';
import { auditOf } from './readings.js';

const troubled = () =>
  auditOf({
    connection: { encrypted: false, authRequired: false },
    settings: [{ routesTls: false }, { name: 'n2' }, { name: 'n3' }],
    history: {
      readings: [{ D: 10, F: 10 }],
      stream: { replicas: 1 },
      config: { ackPolicy: 'none' },
    },
  });

describe('the report', () => {
  it('has the worst first, and among equals the order of the areas', () => {
    expect(
      troubled().findings.map(({ severity, area, id }) => `${severity} ${area} ${id}`),
    ).toEqual([
      'critical exposure NO_AUTHENTICATION',
      'warning loss ACK_NONE',
      'warning exposure NO_TLS',
      'warning availability ONE_REPLICA',
      'info exposure ROUTES_WITHOUT_TLS',
    ]);
  });

  it('counts what is at least so bad', () => {
    const report = troubled();
    expect(countFrom(report, 'critical')).toBe(1);
    expect(countFrom(report, 'warning')).toBe(4);
    expect(countFrom(report, 'info')).toBe(5);
  });

  it('leaves out what is to be ignored, and says how much', () => {
    const report = auditOf({
      connection: { encrypted: false },
      terms: { ignored: parseIgnored(['no-tls']) },
    });
    expect(report).toMatchObject({ findings: [], ignored: 1, severity: 'ok' });
  });

  it('is printed as one document of a known shape', () => {
    expect(auditJson(auditOf({ connection: { encrypted: false } }))).toMatchInlineSnapshot(`
      {
        "account": "ORDERS",
        "at": "2026-01-15T03:00:02.000Z",
        "counts": {
          "critical": 0,
          "info": 0,
          "warning": 1,
        },
        "findings": [
          {
            "area": "exposure",
            "evidence": {
              "address": "10.0.0.1:4222",
              "encrypted": false,
              "local": false,
            },
            "id": "NO_TLS",
            "remedy": [
              "natsx info --server tls://10.0.0.1:4222 --tls-ca ca.pem",
            ],
            "scope": {
              "kind": "connection",
              "server": "n1",
            },
            "severity": "warning",
            "summary": "The connection to n1 (10.0.0.1:4222) is not encrypted.",
          },
        ],
        "ignored": 0,
        "looked_at": {
          "connections": null,
          "consumers": 1,
          "servers": 3,
          "streams": 1,
          "window_ms": 2000,
        },
        "missing": [],
        "schema": "natsx.doctor/1",
        "server": {
          "cluster": "prod",
          "name": "n1",
          "version": "2.15.2",
        },
        "severity": "warning",
      }
    `);
  });

  it('names what is missing with the rules that were not run', () => {
    const report = auditOf({
      connection: { user: undefined },
      reading: { settings: undefined, jetStream: { state: 'off' } },
    });
    expect(report.missing.map(({ what, rules }) => `${what}: ${rules.join(' ')}`)).toEqual([
      'server settings: STORAGE_WRITE_ERROR SERVER_UNHEALTHY SYNC_INTERVAL_LAZY SERVER_LIMIT_NEAR ROUTES_WITHOUT_TLS',
      'user permissions: WIDE_PERMISSIONS CREDENTIALS_EXPIRE',
      'JetStream: ',
    ]);
  });

  it('does not blame the user for what an old server tells nobody', () => {
    const { missing } = auditOf({ connection: { user: undefined, version: '2.9.10' } });
    expect(missing).toMatchObject([
      {
        what: 'user permissions',
        why: 'unsupported',
        detail: 'servers before 2.10 do not report the permissions of a user; this is 2.9.10',
      },
    ]);
  });

  it('names the servers that told nothing where others did', () => {
    expect(auditOf({ settings: [{}] }).missing).toMatchObject([
      { what: 'server settings of n2, n3', why: 'denied' },
    ]);
  });

  it('names an age that could not be read where age decides', () => {
    const report = auditOf({
      history: { readings: [{ D: 10, F: 0, P: 5 }], stream: { maxAgeMs: 60_000 } },
    });
    expect(report.missing).toMatchObject([
      { what: 'age of the backlog of ORDERS/worker', rules: ['MAX_AGE_NEAR_BACKLOG'] },
    ]);
  });
});

describe('the text', () => {
  const plain = { style: createStyle(false), width: 80, evidence: false };

  it('fits 80 columns and names each finding once with its first command', () => {
    const text = auditText(troubled(), plain);
    expect(text).toMatchInlineSnapshot(`
      "cluster prod, version 2.15.2, account ORDERS
      read 3 servers, 1 stream, 1 consumer

      CRITICAL NO_AUTHENTICATION  exposure  server n1
        10.0.0.1:4222 does not require credentials.
        $ nats server passwd

      WARNING ACK_NONE  loss  consumer ORDERS worker
        worker counts delivered messages as done without an acknowledgement (10 so
        far): a worker that crashes loses what it holds.
        $ natsx consumer create ORDERS worker-acked --start-seq 11

      WARNING NO_TLS  exposure  connection n1
        The connection to n1 (10.0.0.1:4222) is not encrypted.
        $ natsx info --server tls://10.0.0.1:4222 --tls-ca ca.pem

      WARNING ONE_REPLICA  availability  stream ORDERS
        There is one copy of the 10 messages in ORDERS: it is unavailable while the
        one server is down, and lost with its disk.
        $ natsx stream edit ORDERS --replicas 3 --yes

      INFO ROUTES_WITHOUT_TLS  exposure  server n1
        The routes of n1 are not encrypted.
        $ nats server report routes

      1 critical, 3 warning, 1 info
      "
    `);
  });

  it.each(FINDING_WIDTH_CASES)('fits 80 columns: %s', (_name, change) => {
    const text = auditText(auditOf(change), { ...plain, evidence: true });
    const sentences = text.split('\n').filter((line) => !line.startsWith('  $ '));
    for (const line of sentences) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('says so when there is nothing to say', () => {
    expect(auditText(auditOf(), plain)).toContain('no risks found (loss');
  });
});

describe('explanations', () => {
  it('are found in any case, and the nearest is named', () => {
    expect(textOf('no_tls').id).toBe('NO_TLS');
    expect(textOf('no-tls').id).toBe('NO_TLS');
    expect(() => textOf('NO_TSL')).toThrow(
      expect.objectContaining({ hint: 'did you mean NO_TLS?' }),
    );
    expect(() => parseIgnored(['NO_TLS', 'XYZZY'])).toThrow(/no finding "XYZZY"/);
  });

  it('have ids in capitals, each once', () => {
    const ids = AUDIT_TEXTS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  });

  it('are what docs/doctor.md prints, known bugs included', () => {
    const page = readFileSync(new URL('../../../../docs/doctor.md', import.meta.url), 'utf8');
    for (const { id, severity, area, scope, meaning, signs, advice } of AUDIT_TEXTS) {
      expect(page).toContain(
        `### ${id}\n\n${severity}, ${area}, found on ${/^[aeiou]/.test(scope) ? 'an' : 'a'} ${scope}\n\n` +
          `**What it means.** ${meaning}\n\n**How it is detected.** ${signs}\n\n**What to do.** ${advice}\n`,
      );
    }
    for (const { id, what, since, fixedIn, dated, source } of KNOWN_BUGS) {
      expect(page).toContain(
        `- [${id}](${source}) (${dated}): ${what}. Since ${since}, fixed in ${fixedIn.join(', ')}.`,
      );
    }
  });
});

describe('known bugs', () => {
  it.each([
    ['2.15.2', 0],
    ['2.14.0', 0],
    ['2.13.9', 2],
    ['2.12.7', 0],
    ['2.12.6', 2],
    ['2.12.5', 3],
    ['2.11.16', 0],
    ['2.11.0', 6],
    ['2.10.29', 5],
    ['2.10.22', 7],
    ['2.9.10', 5],
    ['dev', 0],
    ['', 0],
  ])('of %s', (version, bugs) => {
    expect(knownBugs(version)).toHaveLength(bugs);
  });
});

describe('credentials', () => {
  it.each([
    [{ user: 'a', password: 'a' }, true],
    [{ user: 'Billing', password: 'billing' }, true],
    [{ user: 'billing', password: 'S3cr3t' }, true],
    [{ user: 'billing', password: '' }, true],
    [{ token: 's3cr3t' }, true],
    [{ user: 'billing', password: 'ohSh4Ach0eiG' }, false],
    [{ token: 'ohSh4Ach0eiG' }, false],
    [{}, false],
  ])('%o', (credentials, guessable) => {
    const reason = guessReason(credentials);
    expect(reason !== undefined).toBe(guessable);
    expect(reason ?? '').not.toContain('3cr3t');
  });

  it('are given or not', () => {
    expect(isIdentified({})).toBe(false);
    expect(isIdentified({ user: undefined, token: 'x' })).toBe(true);
  });
});
