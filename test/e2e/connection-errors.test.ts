import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { freePort } from '../support/free-port.js';
import { startNatsServer } from '../support/nats-server.js';
import { makeOperator } from '../support/operator.js';
import { runCli } from '../support/run-cli.js';
import { makeCertificates } from '../support/tls.js';

/** Commands of both engines: what one says of a failure, all say. */
const COMMANDS = [
  ['pub', 'a', 'b'],
  ['pub', 'a', 'b', '--jetstream'],
  ['sub', 'a', '--count', '1'],
  ['request', 'a', 'b'],
  ['reply', 'a', 'b', '--count', '1'],
  ['rtt', '1'],
  ['info'],
  ['stream', 'ls'],
  ['consumer', 'ls', 'S'],
  ['backlog'],
  ['doctor'],
  ['bench', 'pub', '--msgs', '10'],
  ['bench', 'pub', '--msgs', '10', '--engine', 'client'],
  ['record', '/nonexistent/never.jsonl', '--stream', 'S'],
  ['verify', '--msgs', '10'],
  ['connections'],
] as const;

interface Failure {
  readonly flags: readonly string[];
  readonly code: number;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const held: NatsConnection[] = [];
afterAll(() => Promise.all(held.map((connection) => connection.close())));

/** Takes the only connection of a server. */
async function hold(options: NodeConnectionOptions): Promise<void> {
  held.push(await connect(options));
}

const failures = new Map<string, Failure>();

beforeAll(async () => {
  const port = await freePort();
  failures.set('refused', {
    flags: ['-s', `127.0.0.1:${port}`],
    code: 3,
    message: new RegExp(`^the connection to 127.0.0.1:${port} failed: connection refused$`),
    hint: /is a nats-server running there\?.*--wait-for-server/,
  });
  failures.set('an unknown host', {
    flags: ['-s', 'no-such-host.invalid'],
    code: 3,
    message:
      /^the connection to no-such-host.invalid:4222 failed: (host not found|name resolution)/,
    hint: /./,
  });
  const authorization = { user: 'ann', password: 'right' };
  const guarded = await startNatsServer({ config: { authorization } });
  failures.set('a wrong password', {
    flags: ['-s', guarded.url, '--user', 'ann', '--password', 'wr0ng'],
    code: 4,
    message: /^the server refused the credentials \(127.0.0.1:\d+: Authorization Violation\)$/,
    hint: /natsx context show/,
  });
  const operator = await makeOperator();
  const expired = await operator.addUser('expired', { expiresAt: new Date(Date.now() - 90_000) });
  const accounts = await startNatsServer({ config: operator.config });
  failures.set('an expired user', {
    flags: ['-s', accounts.url, '--creds', expired.credsFile],
    code: 4,
    message: /^the credentials for 127.0.0.1:\d+ expired \S+ ago/,
    hint: /get new credentials for this user/,
  });
  const { serverTls, caFile } = await makeCertificates();
  const secure = await startNatsServer({ tls: serverTls });
  failures.set('a certificate of an unknown authority', {
    flags: ['-s', secure.url],
    code: 3,
    message:
      /^the connection to 127.0.0.1:\d+ failed: the server's certificate is signed by an unknown/,
    hint: /--tls-ca/,
  });
  const plain = await startNatsServer();
  failures.set('no TLS', {
    flags: ['-s', plain.url.replace('nats://', 'tls://')],
    code: 3,
    message: /^the server 127.0.0.1:\d+ offers no TLS$/,
    hint: /TLS/,
  });
  const full = await startNatsServer({ config: { max_connections: 1 } });
  await hold({ servers: full.url });
  failures.set('no connection left', {
    flags: ['-s', full.url],
    code: 3,
    message:
      /^the server has reached its maximum of connections \(127.0.0.1:\d+: maximum connections exceeded\)$/,
    hint: /max_connections/,
  });
  const fullTls = await startNatsServer({ tls: serverTls, config: { max_connections: 1 } });
  const tlsFlags = ['-s', fullTls.url, '--tls-ca', caFile];
  await hold({ servers: fullTls.url.replace('tls://', ''), tls: { caFile } });
  failures.set('no connection left, over TLS', {
    flags: tlsFlags,
    code: 3,
    message: /^the server has reached its maximum of connections /,
    hint: /max_connections/,
  });
});

const CASES = [
  'refused',
  'an unknown host',
  'a wrong password',
  'an expired user',
  'a certificate of an unknown authority',
  'no TLS',
  'no connection left',
  'no connection left, over TLS',
];

describe.each(CASES)('%s', (name) => {
  test.each(COMMANDS.map((command) => [command.join(' '), command] as const))(
    '%s',
    async (_line, command) => {
      const failure = failures.get(name);
      if (failure === undefined) throw new Error('the failure is not set up');
      const { flags, code, message, hint } = failure;
      const run = await runCli([...command, ...flags, '--json', '--timeout', '30s']);
      const last = run.stderr.trimEnd().split('\n').at(-1) ?? '';
      const { error } = JSON.parse(last) as { readonly error: Record<string, string> };
      note(name, command, error['message'] ?? '', error['hint'] ?? '');
      expect(error['message']).toMatch(message);
      expect(error['hint']).toMatch(hint);
      expect(run.code).toBe(code);
      expect(run.stderr + run.stdout).not.toContain('wr0ng');
      // None of them waits for a time that cannot help.
      expect(run.durationMs).toBeLessThan(25_000);
    },
  );
});

/** What a command that failed says, as JSON. */
async function failureOf(
  command: readonly string[],
  flags: readonly string[],
): Promise<{ readonly code: number | null; readonly message: string; readonly hint: string }> {
  const run = await runCli([...command, ...flags, '--json', '--timeout', '30s']);
  const last = run.stderr.trimEnd().split('\n').at(-1) ?? '';
  const { error } = JSON.parse(last) as { readonly error: Readonly<Record<string, string>> };
  return { code: run.code, message: error['message'] ?? '', hint: error['hint'] ?? '' };
}

/** Sentences by failure, then by what differs in them; ports, times and names of inboxes are left out. */
const sentences = new Map<string, Map<string, string[]>>();

function note(failure: string, command: readonly string[], message: string, hint: string): void {
  const sentence = [message, hint]
    .join('\n  → ')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
    .replaceAll(/expired \S+ ago \([^)]*\)/g, 'expired … ago (…)')
    .replaceAll(/"_INBOX\.[^"]*"/g, '"_INBOX.…"')
    .replaceAll(/(file ")[^"]*(")/g, '$1…$2');
  const found = sentences.get(failure) ?? new Map<string, string[]>();
  found.set(sentence, [...(found.get(sentence) ?? []), command.join(' ')]);
  sentences.set(failure, found);
}

/** Users that may not publish to, or subscribe to, what they need. */
const permissions = {
  config: {
    authorization: {
      users: [
        { user: 'mute', password: 'p', permissions: { publish: { deny: '>' } } },
        { user: 'deaf', password: 'p', permissions: { subscribe: { deny: '>' } } },
      ],
    },
  },
};

const DENIED = [
  ['publish', 'mute', ['pub', 'a', 'b']],
  ['publish', 'mute', ['pub', 'a', 'b', '--jetstream']],
  ['publish', 'mute', ['request', 'a', 'b']],
  ['publish', 'mute', ['stream', 'ls']],
  ['publish', 'mute', ['consumer', 'ls', 'S']],
  ['publish', 'mute', ['backlog']],
  ['publish', 'mute', ['doctor']],
  ['publish', 'mute', ['bench', 'pub', '--msgs', '10']],
  ['publish', 'mute', ['bench', 'pub', '--msgs', '10', '--engine', 'client']],
  ['publish', 'mute', ['record', '/nonexistent/never.jsonl', '--stream', 'S']],
  ['publish', 'mute', ['verify', '--msgs', '10']],
  ['publish', 'mute', ['connections']],
  ['subscribe', 'deaf', ['sub', 'a']],
  ['subscribe', 'deaf', ['reply', 'a', 'b']],
  ['subscribe', 'deaf', ['request', 'a', 'b']],
  ['subscribe', 'deaf', ['pub', 'a', 'b', '--jetstream']],
  ['subscribe', 'deaf', ['stream', 'ls']],
  ['subscribe', 'deaf', ['consumer', 'ls', 'S']],
  ['subscribe', 'deaf', ['backlog']],
  ['subscribe', 'deaf', ['doctor']],
  ['subscribe', 'deaf', ['bench', 'sub', '--msgs', '10']],
  ['subscribe', 'deaf', ['record', '/nonexistent/never.jsonl', '--stream', 'S']],
  ['subscribe', 'deaf', ['verify', '--msgs', '10']],
  ['subscribe', 'deaf', ['connections']],
] as const;

test.each(DENIED)('not permitted to %s, as %s: %j', async (operation, user, command) => {
  const { url } = await startNatsServer({ jetstream: true, ...permissions });
  const flags = ['-s', url, '--user', user, '--password', 'p'];
  const failure = await failureOf(command, flags);
  const { code, hint } = failure;
  // Without an inbox a message may be stored all the same, which pub -J adds.
  const message = failure.message.replace(
    operation === 'subscribe' ? /; the message may be stored$/ : '',
    '',
  );
  expect(message).toMatch(new RegExp(`^not permitted to ${operation} to "[^"]+"$`));
  expect(hint).toMatch(
    message.includes('"_INBOX.')
      ? /^replies need an inbox .*--inbox-prefix/
      : /^natsx info shows the permissions/,
  );
  expect(code).toBe(4);
  note(
    `not permitted to ${operation}`,
    command,
    message.replace(/"(?!_INBOX)[^"]+"$/, '"…"'),
    hint,
  );
});

const OFF = [
  ['stream', 'ls'],
  ['stream', 'info', 'S'],
  ['consumer', 'ls', 'S'],
  ['backlog', 'S'],
  ['doctor', 'S'],
  ['pub', 'a', 'b', '--jetstream'],
  ['sub', '--stream', 'S', '--until-end'],
  ['record', '/nonexistent/never.jsonl', '--stream', 'S'],
  ['verify', '--stream', 'S', '--msgs', '10'],
  ['bench', 'js-pub', '--msgs', '10'],
  ['bench', 'js-pub', '--msgs', '10', '--engine', 'client'],
] as const;

test.each(OFF.map((command) => [command] as const))(
  'JetStream that is off: %j',
  async (command) => {
    const { url } = await startNatsServer();
    const { code, message, hint } = await failureOf(command, ['-s', url]);
    note('JetStream is off', command, message, hint);
    expect(code).toBe(7);
    expect(message).toBe('JetStream is off for the server');
    expect(hint).toMatch(/^connect to a server or account with JetStream/);
  },
);

const MISSING = [
  ['stream', 'info', 'NOPE'],
  ['stream', 'purge', 'NOPE', '--yes'],
  ['consumer', 'ls', 'NOPE'],
  ['backlog', 'NOPE'],
  ['doctor', 'NOPE'],
  ['sub', '--stream', 'NOPE', '--until-end'],
  ['record', '/nonexistent/never.jsonl', '--stream', 'NOPE'],
  ['verify', '--stream', 'NOPE', '--use-existing', '--msgs', '10'],
  ['bench', 'js-get', '--stream', 'NOPE', '--msgs', '10'],
] as const;

test.each(MISSING.map((command) => [command] as const))(
  'a stream that is missing: %j',
  async (command) => {
    const { url } = await startNatsServer({ jetstream: true });
    const { code, message, hint } = await failureOf(command, ['-s', url]);
    note('a missing stream', command, message, hint);
    expect(message).toBe('there is no stream "NOPE"');
    expect(code).toBe(7);
  },
);

/** One table of all failures: each with the sentence, its hint, and the commands that say it. */
test('the same failure says the same sentence', async () => {
  const table = [...sentences].map(
    ([failure, found]) =>
      `${failure}\n${[...found].map(([sentence, commands]) => `\n  ${sentence}\n${commands.map((command) => `    ${command}\n`).join('')}`).join('')}`,
  );
  await expect(table.join('\n')).toMatchFileSnapshot('__snapshots__/failures.txt');
  const several = [...sentences].filter(([, found]) => found.size > 1).map(([failure]) => failure);
  // Who may not subscribe meets it at the inbox or at the subject, with a hint for each.
  expect(several).toEqual(['not permitted to subscribe']);
});
