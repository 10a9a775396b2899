import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { freePort } from '../support/free-port.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { makeOperator } from '../support/operator.js';
import { emptyHome, runCli } from '../support/run-cli.js';

let home: string;

beforeEach(() => {
  home = emptyHome();
});

const natsx = (args: string, env: Readonly<Record<string, string>> = {}) =>
  runCli(args.split(' '), { home, env });
const file = (name: string) => join(home, '.config/nats', name);
const json = (name: string) =>
  JSON.parse(readFileSync(file(`context/${name}.json`), 'utf8')) as Record<string, unknown>;

/** A context as the nats CLI writes it, with a key that natsx does not know. */
function writeForeign(name: string, values: Readonly<Record<string, unknown>>): void {
  mkdirSync(file('context'), { recursive: true });
  writeFileSync(
    file(`context/${name}.json`),
    JSON.stringify({ color_scheme: 'magenta', ...values }),
  );
}

describe('save', () => {
  it('writes what the nats CLI reads, for the owner only', async () => {
    const { code, stdout, stderr } = await natsx(
      'context save prod --server nats://h:1,nats://h:2 --user me --password hush --tls-first --description ours',
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(`saved the context "prod" in ${file('context/prod.json')}`);
    expect(json('prod')).toMatchObject({
      url: 'nats://h:1,nats://h:2',
      user: 'me',
      password: 'hush',
      tls_first: true,
      description: 'ours',
    });
    expect(statSync(file('context/prod.json')).mode & 0o777).toBe(0o600);
  });

  it('changes what is given, keeps the rest, and replaces authentication whole', async () => {
    writeForeign('prod', { url: 'nats://h:1', user: 'me', password: 'hush', description: 'ours' });
    expect((await natsx('context save prod --creds /tmp/a.creds')).code).toBe(0);
    expect(json('prod')).toEqual({
      color_scheme: 'magenta',
      url: 'nats://h:1',
      user: '',
      password: '',
      token: '',
      creds: '/tmp/a.creds',
      nkey: '',
      user_jwt: '',
      user_seed: '',
      description: 'ours',
    });
  });

  it('keeps the user when only the password is new, and the numbers of others as they are', async () => {
    const big = '{"url":"nats://h:1","user":"me","nsc":"","theirs":[12345678901234567890,1]}';
    mkdirSync(file('context'), { recursive: true });
    writeFileSync(file('context/prod.json'), big);
    expect((await natsx('context save prod --password new')).code).toBe(0);
    expect(json('prod')).toMatchObject({ user: 'me', password: 'new' });
    expect(readFileSync(file('context/prod.json'), 'utf8')).toMatch(/12345678901234567890,\s+1\s/);
  });

  it('of names and texts that a terminal would obey shows what they are', async () => {
    writeForeign('e\u001b[31m', { url: 'nats://h:1', description: 'd\u001b[2J\u009b31m' });
    const outputs = await Promise.all(
      [
        'ls',
        'ls --json',
        'validate',
        'validate --json',
        'show e\u001b[31m',
        'select e\u001b[31m',
      ].map((command) => natsx(`context ${command}`)),
    );
    for (const { code, stdout, stderr } of outputs) {
      expect(code).toBe(0);
      expect(stdout + stderr).not.toMatch(/[\u001b\u009b]/);
      expect(stdout + stderr).toMatch(/\\x1b|\\u001b/);
    }
    expect((await natsx('context save n\u001b[31m --server h')).code).toBe(2);
  });

  it('says which folder cannot be written to', async () => {
    const run = await natsx('context save prod --server h', { XDG_CONFIG_HOME: '/dev/null' });
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/cannot change the contexts in the folder "\/dev\/null\/nats"/);
  });

  it('selects at once when asked to, and tells in JSON whether it is selected', async () => {
    const saved = await natsx('context save prod --server nats://h:1 --json');
    expect(JSON.parse(saved.stdout)).toMatchObject({ name: 'prod', selected: false });
    await natsx('context save prod --select');
    expect(readFileSync(file('context.txt'), 'utf8')).toBe('prod');
    const again = await natsx('context save prod --user me --json');
    expect(JSON.parse(again.stdout)).toMatchObject({ name: 'prod', selected: true });
  });

  it.each([
    '--server http://h:1',
    '--server nats://h:99999',
    '--inbox-prefix a.*',
    '--js-domain >',
  ])('keeps nothing that no connection could be made with: %s', async (flags) => {
    await natsx('context save prod --server nats://h:1');
    const { code, stderr } = await natsx(`context save prod ${flags}`);
    expect(stderr).toMatch(/^error: /);
    expect(code).toBe(2);
    expect(json('prod')).toMatchObject({ url: 'nats://h:1', inbox_prefix: '' });
    // An empty value takes a setting out.
    expect((await natsx('context save prod --server= --inbox-prefix=')).code).toBe(0);
    expect(json('prod')).toMatchObject({ url: '' });
  });

  it('says which flags a context has no place for', async () => {
    const { code, stderr } = await natsx('context save prod --timeout 3s --connection-name x');
    expect(code).toBe(0);
    expect(stderr).toContain('a context keeps no --connection-name and no --timeout');
  });

  it.each(['a/b', '..'])('refuses the name %s', async (name) => {
    const { code, stderr } = await natsx(`context save ${name}`);
    expect(code).toBe(2);
    expect(stderr).toContain(`"${name}" is not a context name`);
  });
});

describe('ls', () => {
  it('stars the selected one', async () => {
    writeForeign('prod', { url: 'nats://h:1', description: 'ours' });
    writeForeign('local', {});
    await natsx('context select prod');
    const { code, stdout } = await natsx('context ls');
    expect(code).toBe(0);
    expect(stdout).toMatch(/prod\*\s+.*nats:\/\/h:1\s+.*ours/);
    expect(stdout).toMatch(/local\s+.*nats:\/\/127\.0\.0\.1:4222/);
  });

  it('prints one document of JSON, an empty list too', async () => {
    expect((await natsx('context ls --json')).stdout).toBe('[]\n');
    writeForeign('prod', { url: 'nats://me:hush@h:1' });
    const { stdout } = await natsx('context ls --json');
    expect(stdout).not.toContain('hush');
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'prod', selected: false, description: '' }]);
  });

  it('lists a context that cannot be read', async () => {
    mkdirSync(file('context'), { recursive: true });
    writeFileSync(file('context/broken.json'), '{');
    const { code, stdout } = await natsx('context ls');
    expect({ code, listed: stdout.includes('broken') }).toEqual({ code: 0, listed: true });
  });
});

it('ls does not take a context that cannot be used for one of the default server', async () => {
  writeForeign('wrong', { url: 7, description: 'ours' });
  writeForeign('profile', { nsc: 'O/A/U' });
  const { stdout } = await natsx('context ls --json');
  expect(JSON.parse(stdout)).toMatchObject([
    { name: 'profile', url: 'nsc://O/A/U' },
    { name: 'wrong', url: '', description: 'ours', error: { kind: 'usage' } },
  ]);
  const table = await natsx('context ls');
  expect(table.stdout).toContain('cannot be used');
  expect(table.stdout).not.toContain('127.0.0.1');
});

it.each([{ url: 7 }, { creds: ['a'] }, { tls_first: 'yes' }, { windows_cert_store: 'user' }])(
  '%j in a context is an error of validate and of use',
  async (values) => {
    writeForeign('wrong', values);
    const key = Object.keys(values)[0] ?? '';
    for (const line of ['context validate', 'rtt --context wrong', 'pub a b --context wrong']) {
      const { code, stdout, stderr } = await natsx(line);
      expect(code).toBe(2);
      expect(stdout + stderr).toContain('the context "wrong"');
      expect(stderr).toContain(key);
    }
  },
);

it('a file that a context names is the same from every folder, and missed with the context', async () => {
  const { code } = await natsx(
    'context save prod --server h:1 --creds some.creds --tls-ca ~/ca.pem',
  );
  expect(code).toBe(0);
  expect(json('prod')).toMatchObject({ creds: join(home, 'some.creds'), ca: '~/ca.pem' });
  const { stderr } = await natsx('rtt --context prod');
  expect(stderr).toContain(
    `cannot read the file "${join(home, 'some.creds')}" of the context "prod" (creds): there is no such file or folder (ENOENT)`,
  );
  expect(stderr).not.toContain('--creds');
});

it.each(['nsc://O/A/U', 'O/A/U'])('goes where the nsc profile %s says', async (nsc) => {
  const { url } = await startNatsServer();
  const { user } = await makeOperator();
  const profile = { user_creds: user.credsFile, operator: { service: [url] } };
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh\n[ "$*" = "generate profile O/A/U" ] && echo '${JSON.stringify(profile)}'\n`;
  writeFileSync(join(bin, 'nsc'), script, { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  writeForeign('prod', { nsc });
  for (const line of ['pub a b', 'info', 'context validate prod --connect']) {
    expect((await natsx(`${line} --context prod`, env)).code).toBe(0);
  }
  expect((await natsx('context show prod', env)).stdout).toContain('nsc://O/A/U');
  writeFileSync(join(bin, 'nsc'), '#!/bin/sh\necho "no such user" >&2\nexit 1\n', { mode: 0o755 });
  const failed = await natsx('pub a b --context prod', env);
  expect(failed.code).toBe(2);
  expect(failed.stderr).toContain(
    'the nsc of the context "prod" needs the program "nsc", which failed: no such user',
  );
});

describe('select', () => {
  it('never changes the selection for a mistyped name, and offers the nearest', async () => {
    writeForeign('production', {});
    await natsx('context select production');
    const { code, stderr } = await natsx('context select prodution');
    expect(code).toBe(7);
    expect(stderr).toContain('there is no context "prodution"');
    expect(stderr).toContain('did you mean production?');
    expect(readFileSync(file('context.txt'), 'utf8')).toBe('production');
  });

  it('keeps the selection when a command names a context that does not exist', async () => {
    writeForeign('production', {});
    await natsx('context select production');
    const { code, stderr } = await natsx('rtt --context prodution');
    expect(code).toBe(7);
    expect(stderr).toContain('did you mean production?');
    expect(readFileSync(file('context.txt'), 'utf8')).toBe('production');
  });

  it('tells when the selected context is gone, and how to go on', async () => {
    mkdirSync(file('context'), { recursive: true });
    writeFileSync(file('context.txt'), 'gone');
    const { code, stderr } = await natsx('rtt');
    expect(code).toBe(7);
    expect(stderr).toContain('the selected context "gone" does not exist');
    expect(stderr).toContain('--no-context');
  });
});

describe('show', () => {
  it('says where each value comes from', async () => {
    writeForeign('prod', { url: 'nats://ctx:1', inbox_prefix: '_ME', user: 'u', password: 'p' });
    const { stdout } = await natsx('context show --context prod --server nats://flag:2', {
      NATS_TIMEOUT: '7s',
    });
    expect(stdout).toMatch(/^context prod\n/);
    expect(stdout).toMatch(/server\s+.*nats:\/\/flag:2\s+.*--server/);
    expect(stdout).toMatch(/timeout\s+.*7s\s+.*NATS_TIMEOUT/);
    expect(stdout).toMatch(/inbox-prefix\s+.*_ME\s+.*context prod/);
  });

  it('follows flag > environment > context > default', async () => {
    writeForeign('prod', { url: 'nats://ctx:1' });
    const serverOf = async (args: string, env = {}) => {
      const { stdout } = await natsx(`context show --json ${args}`.trim(), env);
      const { settings } = JSON.parse(stdout) as {
        settings: { server: { value: string; origin: string } };
      };
      return `${settings.server.value} ${settings.server.origin}`;
    };
    const fromEnvironment = { NATS_URL: 'nats://env:2', NATS_CONTEXT: 'prod' };
    expect(await serverOf('')).toBe('nats://127.0.0.1:4222 default');
    expect(await serverOf('--context prod')).toBe('nats://ctx:1 context');
    expect(await serverOf('', { NATS_CONTEXT: 'prod' })).toBe('nats://ctx:1 context');
    expect(await serverOf('', fromEnvironment)).toBe('nats://env:2 environment');
    expect(await serverOf('-s flag:3', fromEnvironment)).toBe('nats://flag:3 flag');
    expect(await serverOf('--no-context', { NATS_CONTEXT: 'prod' })).toBe(
      'nats://127.0.0.1:4222 default',
    );
  });

  it('shows a named context with its description, and what the environment overrides', async () => {
    writeForeign('prod', {
      url: 'nats://ctx:1',
      description: 'EU production',
      creds: '/etc/prod.creds',
      inbox_prefix: '_ME',
    });
    const env = { NATS_URL: 'nats://env:2', NATS_USER: 'ann', NATS_PASSWORD: 'hush' };
    const { stdout } = await natsx('context show prod', env);
    expect(stdout).toMatch(/^context prod: EU production\n/);
    expect(stdout).toMatch(/server\s+nats:\/\/ctx:1\s+context prod\s+NATS_URL \(nats:\/\/env:2\)/);
    expect(stdout).toMatch(/creds\s+\/etc\/prod.creds\s+context prod\s+NATS_USER/);
    expect(stdout).toMatch(/inbox-prefix\s+_ME\s+context prod\n/);
    expect(stdout).not.toContain('hush');
    const json = JSON.parse((await natsx('context show prod --json', env)).stdout) as {
      readonly description: string;
      readonly settings: Readonly<Record<string, unknown>>;
    };
    expect(json.description).toBe('EU production');
    expect(json.settings['server']).toEqual({
      value: 'nats://ctx:1',
      origin: 'context',
      source: 'context prod',
      overridden_by: { value: 'nats://env:2', source: 'NATS_URL' },
    });
    const plain = await natsx('context show prod');
    expect(plain.stdout).not.toContain('overridden');
  });

  it('warns where the environment overrides the server of a context that was named', async () => {
    const port = await freePort();
    writeForeign('prod', { url: 'nats://ctx:1' });
    const env = { NATS_URL: `nats://127.0.0.1:${port}` };
    const warning = `warning: NATS_URL overrides the server of the context "prod": connecting to nats://127.0.0.1:${port}`;
    const named = await natsx('rtt 1 --context prod', env);
    expect(named.stderr).toContain(warning);
    for (const args of [
      'rtt 1 --context prod --quiet',
      'rtt 1',
      `rtt 1 --context prod -s 127.0.0.1:${port}`,
    ]) {
      expect((await natsx(args, env)).stderr).not.toContain('warning');
    }
    expect((await natsx('rtt 1', { ...env, NATS_CONTEXT: 'prod' })).stderr).not.toContain(
      'warning',
    );
  });

  it('hides secrets unless asked to reveal them', async () => {
    writeForeign('prod', { url: 'nats://h:1', user: 'u', password: 'hush', token: 't0ken' });
    for (const format of ['', ' --json']) {
      const hidden = await natsx(`context show prod${format}`);
      expect(hidden.stdout).not.toMatch(/hush|t0ken/);
      const shown = await natsx(`context show prod --reveal${format}`);
      expect(shown.stdout).toContain('hush');
    }
  });

  it('takes the path of a file for a name', async () => {
    writeFileSync(join(home, 'elsewhere.json'), '{"url":"nats://file:9"}');
    const { stdout } = await natsx(`context show ${join(home, 'elsewhere.json')}`);
    expect(stdout).toContain('nats://file:9');
  });

  it('says which variable holds no duration', async () => {
    const { code, stderr } = await natsx('rtt', { NATS_TIMEOUT: 'soon' });
    expect(code).toBe(2);
    expect(stderr).toContain('NATS_TIMEOUT');
  });
});

describe('rm', () => {
  it('removes a context and its selection', async () => {
    writeForeign('old', {});
    await natsx('context select old');
    expect((await natsx('context rm old')).code).toBe(0);
    expect((await natsx('context ls --json')).stdout).toBe('[]\n');
    expect((await natsx('context rm old')).code).toBe(7);
  });
});

describe('validate', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer({ authorization: { user: 'me', password: 'hush' } });
  });

  it('names each context that cannot be used, and fails with the code of the first', async () => {
    writeForeign('a-good', { url: server.url, user: 'me', password: 'hush' });
    writeForeign('b-wrong', { url: server.url, user: 'me', password: 'wrong' });
    writeForeign('c-broken', { creds: '/nonexistent/a.creds' });
    const { code, stdout } = await natsx('context validate --connect --json');
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'a-good', ok: true },
      { name: 'b-wrong', ok: false, error: { kind: 'auth' } },
      { name: 'c-broken', ok: false, error: { kind: 'usage' } },
    ]);
    expect(code).toBe(4);
  });

  it('reads files without connecting unless asked to', async () => {
    writeForeign('away', { url: 'nats://127.0.0.1:1' });
    expect((await natsx('context validate away')).code).toBe(0);
    expect((await natsx('context validate away --connect')).code).toBe(3);
  });

  it('lets a command connect with what the context says', async () => {
    writeForeign('good', { url: server.url, user: 'me', password: 'hush' });
    await natsx('context select good');
    expect((await natsx('rtt')).code).toBe(0);
    expect((await natsx('rtt --no-context -s ' + server.url)).code).toBe(4);
  });
});

describe('several contexts', () => {
  it('rtt measures them side by side, and the worst failure decides the exit code', async () => {
    const server = await startNatsServer();
    const port = await freePort();
    writeForeign('here', { url: server.url });
    writeForeign('closed', { url: `nats://127.0.0.1:${port}` });
    const both = await natsx('rtt 1 --context here,here --json');
    expect(both.code).toBe(0);
    const run = await natsx('rtt 1 --context here,closed,nowhere');
    expect(run.stdout).toMatch(/^Context +Server +Address +Min +Median +Max$/m);
    expect(run.stdout).toMatch(/^here +nats:\/\/127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +\d/m);
    expect(run.stdout).toMatch(/^closed .*unreachable$/m);
    expect(run.stdout).toMatch(/^nowhere .*not found$/m);
    expect(run.stderr).toContain('context "closed": the connection to 127.0.0.1:');
    expect(run.stderr).toContain('error: there is no context "nowhere"');
    expect(run.code).toBe(7);
    const { stdout } = await natsx('rtt 1 --context here,closed --json');
    const servers = JSON.parse(stdout) as readonly { readonly context: string }[];
    expect(servers.map(({ context }) => context)).toEqual(['here', 'closed']);
  });

  it('other commands take one', async () => {
    writeForeign('here', {});
    const { code, stderr } = await natsx('info --context here,there');
    expect(code).toBe(7);
    expect(stderr).toContain('there is no context "here,there"');
  });
});
