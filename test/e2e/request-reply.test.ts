import { connect, headers, RequestError, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { requiresPty, runInPty } from '../support/pty.js';
import { runCli, startCli, type CliOptions } from '../support/run-cli.js';

let server: NatsServer;
let peer: NatsConnection;

beforeAll(async () => {
  server = await startNatsServer();
  peer = await connect({ servers: server.url });
});
afterAll(() => peer.close());

const request = (args: readonly string[], options: CliOptions = {}) =>
  runCli(['request', '-s', server.url, ...args], options);

async function reply(args: readonly string[]) {
  const running = startCli(['reply', '-s', server.url, ...args]);
  await running.waitForStderr(/listening on/);
  return running;
}

/** Answers each request to `subject` with these bodies, one after the other. */
async function responder(subject: string, bodies: readonly (string | Uint8Array)[]) {
  const subscription = peer.subscribe(subject, {
    callback: (_error, message) => {
      for (const body of bodies) message.respond(body);
    },
  });
  await peer.flush();
  return subscription;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('request', () => {
  it('prints the body on stdout, the rest on stderr', async () => {
    await responder('q.one', ['answer']);
    const result = await request(['q.one', 'question']);
    expect(result).toMatchObject({ code: 0, stdout: 'answer\n' });
    expect(result.stderr).toMatch(/^reply in [\d.]+(µs|ms), 6 B\n$/);
  });

  it('nobody listens: exit 6 at once, with --raw and --json as well', async () => {
    for (const flag of [[], ['--raw'], ['--json']]) {
      const result = await request(['q.nobody', 'x', '--timeout', '50s', ...flag]);
      expect(result).toMatchObject({ code: 6, stdout: '' });
      expect(result.durationMs).toBeLessThan(50_000);
    }
  });

  describe('--wait-for-responder', () => {
    it('sends the request again until there is a responder', async () => {
      const running = startCli([
        ...['request', 'q.late', 'question', '-s', server.url],
        ...['--wait-for-responder', '1m', '--raw'],
      ]);
      await running.waitForStderr(/no responders on "q\.late" yet, waiting/);
      await responder('q.late', ['answer']);
      const { code, stdout, stderr } = await running.exit;
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'answer' });
      expect(stderr.match(/yet, waiting/g)).toHaveLength(1);
    });

    it('gives up with 6, once for all requests of a run', async () => {
      const flags = ['--wait-for-responder', '300ms', '--count', '40'];
      const result = await request(['q.never', 'x', ...flags]);
      expect(result).toMatchObject({ code: 6, stdout: '' });
      expect(result.stderr).toContain('40 of 40 requests failed');
      expect(result.durationMs).toBeGreaterThanOrEqual(300);
      expect(result.durationMs).toBeLessThan(40 * 300);
    });

    it('ends with 130 on Ctrl-C', async () => {
      const running = startCli([
        ...['request', 'q.never', 'x', '-s', server.url],
        ...['--wait-for-responder', '1h'],
      ]);
      await running.waitForStderr(/waiting/);
      running.signal('SIGINT');
      expect((await running.exit).code).toBe(130);
    });
  });

  it('no reply in time: exit 5', async () => {
    await responder('q.silent', []);
    const result = await request(['q.silent', 'x', '--timeout', '2s']);
    expect(result).toMatchObject({ code: 5, stdout: '' });
    expect(result.stderr).toContain('no reply to the request to "q.silent" within 2s');
  });

  it('fewer replies than asked for: exit 5, and what came is printed', async () => {
    await responder('q.two', ['a', 'b']);
    const result = await request(['q.two', 'x', '--replies', '3', '--timeout', '3s']);
    expect(result).toMatchObject({ code: 5, stdout: 'a\nb\n' });
    expect(result.stderr).toContain('only 2 of 3 replies arrived');
  });

  it('so many replies, or all of them until a gap', async () => {
    await responder('q.three', ['a', 'b', 'c']);
    expect(await request(['q.three', '--replies', '2'])).toMatchObject({
      code: 0,
      stdout: 'a\nb\n',
    });
    for (const flags of [
      ['--replies', 'all'],
      ['--replies', '0', '--reply-timeout', '1s'],
    ]) {
      expect(await request(['q.three', ...flags])).toMatchObject({ code: 0, stdout: 'a\nb\nc\n' });
    }
  });

  it('an empty reply ends the answer, and without it the exit code is 5', async () => {
    await responder('q.empty', ['a', 'b', '', 'late']);
    const whole = await request(['q.empty', '--wait-for-empty']);
    expect(whole).toMatchObject({ code: 0, stdout: 'a\nb\n' });
    await responder('q.endless', ['a']);
    const cut = await request(['q.endless', '--wait-for-empty', '--timeout', '3s']);
    expect(cut).toMatchObject({ code: 5, stdout: 'a\n' });
  });

  it('an error of a micro-service is exit 8; its text and the body are printed', async () => {
    peer.subscribe('q.error', {
      callback: (_error, message) => {
        const marks = headers();
        marks.set('Nats-Service-Error', 'out of stock');
        marks.set('Nats-Service-Error-Code', '409');
        message.respond('details', { headers: marks });
      },
    });
    await peer.flush();
    const result = await request(['q.error', 'x', '--raw']);
    expect(result).toMatchObject({ code: 8, stdout: 'details' });
    expect(result.stderr).toContain('answered with error 409: out of stock');
  });

  it('raw bytes stay as they are', async () => {
    const bytes = Buffer.from([0, 27, 255, 10, 13]);
    await responder('q.raw', [bytes]);
    expect((await request(['q.raw', '--raw'])).stdoutBytes).toEqual(bytes);
  });

  it('many requests: replies and round trips as JSON', async () => {
    await responder('q.many', ['1']);
    const { code, stdout } = await request([
      'q.many',
      'n{{Count}}',
      '--template',
      '--count',
      '50',
      '--concurrency',
      '5',
      '--json',
    ]);
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(51);
    expect(new Set(lines.slice(0, 50).map((line) => line['request'])).size).toBe(50);
    const { summary } = lines[50] as { summary: { rtt_ns: Record<string, number> } };
    expect(summary).toMatchObject({ requests: 50, answered: 50, failed: 0, replies: 50 });
    const { min = 0, p50 = 0, p99 = 0, max = 0 } = summary.rtt_ns;
    expect(min > 0 && min <= p50 && p50 <= p99 && p99 <= max).toBe(true);
  });

  it('a body rule like that of pub', async () => {
    expect((await request(['q.one'], { stdin: 'piped' })).code).toBe(2);
    expect((await request(['q.one', '-'], { stdin: 'piped' })).code).toBe(0);
    expect((await request(['q..one'])).code).toBe(2);
  });

  it('none to send is a mistake', async () => {
    const { code, stderr } = await request(['q.one', 'x', '--count', '0']);
    expect(code).toBe(2);
    expect(stderr).toContain('--count');
  });

  it('a denied request and a denied inbox are exit 4, quickly', async () => {
    const guarded = await startNatsServer({
      authorization: {
        users: [
          { user: 'p', password: 'p', permissions: { publish: { deny: ['q.>'] } } },
          { user: 's', password: 's', permissions: { subscribe: { allow: ['mine.>'] } } },
        ],
      },
    });
    const as = (user: string, more: readonly string[] = []) =>
      runCli([
        'req',
        '-s',
        guarded.url,
        '--user',
        user,
        '--password',
        user,
        'q.x',
        'x',
        '--timeout',
        '50s',
        ...more,
      ]);
    const publish = await as('p');
    expect(publish).toMatchObject({ code: 4, stdout: '' });
    expect(publish.durationMs).toBeLessThan(50_000);
    const inbox = await as('s');
    expect(inbox.code).toBe(4);
    expect(inbox.stderr).toContain('--inbox-prefix');
    expect((await as('s', ['--inbox-prefix', 'mine.inbox'])).code).toBe(6);
  });

  it('a server that goes away is exit 3', async () => {
    const own = await startNatsServer();
    const silent = await connect({ servers: own.url, reconnect: false });
    silent.subscribe('q', { callback: () => void own.kill() });
    await silent.flush();
    const result = await runCli(['request', '-s', own.url, 'q', 'x', '--timeout', '4s']);
    expect(result.code).toBe(3);
  });

  it('a reply that is the acknowledgement of a stream is named as that', async () => {
    const own = await startNatsServer({ jetstream: true });
    const asked = (...args: readonly string[]) => runCli(['request', '-s', own.url, ...args]);
    await runCli(['stream', 'create', 'Q', '--subjects', 'q.>', '-s', own.url]);
    for (const flags of [[], ['--raw'], ['--replies', 'all']]) {
      const result = await asked('q.a', 'hello', ...flags);
      expect(result).toMatchObject({ code: 0 });
      expect(result.stdout).toContain('"stream":"Q"');
      expect(result.stderr.match(/acknowledgement of the stream "Q"/g)).toHaveLength(1);
    }
    const json = await asked('q.a', 'hello', '--json', '--count', '2');
    expect(JSON.parse(json.stdout.split('\n')[0] ?? '')).toMatchObject({
      answered_by_stream: 'Q',
      request: 1,
    });
    expect(json.stderr.match(/acknowledgement/g)).toHaveLength(1);
  });

  it('a payload that is too large is exit 8', async () => {
    const small = await startNatsServer({ maxPayload: 1000 });
    const result = await runCli(['request', '-s', small.url, 'q', 'x'.repeat(2000)]);
    expect(result.code).toBe(8);
  });

  it('a terminal gets no escape sequences of others', async () => {
    requiresPty();
    await responder('q.evil', ['\u001b[31mred\u001b]0;title\u0007']);
    const { code, drawn } = await runInPty(['request', '-s', server.url, 'q.evil', 'x']);
    expect(code).toBe(0);
    expect(drawn).toContain('\\x1b[31mred');
    expect(drawn).not.toContain('\u001b[31mred');
  });
});

it('--raw on a terminal: nothing is written behind the last reply', async () => {
  requiresPty();
  await responder('q.plain', ['answer']);
  const args = ['request', '-s', server.url, 'q.plain', 'x', '--raw', '--count', '2'];
  const { text } = await runInPty(args);
  expect(text).toMatch(/^answer\r?\nanswer\r?\n2 requests/m);
});

describe('reply', () => {
  const ask = async (subject: string, body = 'ask') => {
    const message = await peer.request(subject, body, { timeout: 30_000 });
    return { text: message.string(), headers: message.headers };
  };

  it('echoes, headers included, and ends at --count with 0', async () => {
    const running = await reply(['r.echo', '--echo', '--count', '2', '--json']);
    const marks = headers();
    marks.append('K', 'v');
    const echoed = await peer.request('r.echo', 'hi', { timeout: 30_000, headers: marks });
    expect([echoed.string(), echoed.headers?.values('K')]).toEqual(['hi', ['v']]);
    await ask('r.echo');
    const result = await running.exit;
    expect(result.code).toBe(0);
    expect(result.stderr).toContain('answered 2 requests');
    const [first] = result.stdout.split('\n').map((line) => JSON.parse(line || '{}') as object);
    expect(first).toMatchObject({
      subject: 'r.echo',
      payload: 'hi',
      request: 1,
      reply_size_bytes: 2,
    });
  });

  it('fixed bodies, templates and headers; Ctrl-C drains and exits with 0', async () => {
    const fixed = await reply(['r.fixed', 'the answer', '-H', 'A: 1']);
    const answer = await ask('r.fixed');
    expect([answer.text, answer.headers?.get('A')]).toEqual(['the answer', '1']);
    const template = await reply([
      'r.tpl',
      '{{Count}}:{{Request}}',
      '--template',
      '-H',
      'Q: {{Request}}',
    ]);
    const filled = await ask('r.tpl', 'you said');
    expect([filled.text, filled.headers?.get('Q')]).toEqual(['1:you said', 'you said']);
    for (const running of [fixed, template]) {
      running.signal('SIGINT');
      expect((await running.exit).code).toBe(0);
    }
  });

  it('Ctrl-C finishes what has arrived, and before --count it is 130', async () => {
    const running = await reply(['r.slow', 'done', '--delay', '400ms', '--count', '5']);
    const pending = ask('r.slow');
    await peer.flush();
    running.signal('SIGINT');
    expect((await pending).text).toBe('done');
    expect((await running.exit).code).toBe(130);
  });

  it('a command answers; its environment has the request; its failure is an error header', async () => {
    const line =
      'cat; printf " %s" "$NATS_REQUEST_SUBJECT" "$NATS_REQUEST_BODY" "$NATS_REQUEST_HEADERS"';
    await reply(['r.cmd', '--command', line]);
    expect((await ask('r.cmd', 'in')).text).toBe('in r.cmd in {}');
    await reply(['r.bad', '--command', 'echo half; echo why >&2; exit 3']);
    const failed = await ask('r.bad');
    expect(failed.text).toBe('half\n');
    expect(failed.headers?.get('Nats-Service-Error')).toBe('why');
    expect(failed.headers?.get('Nats-Service-Error-Code')).toBe('3');
    const none = await reply(['r.none', '--command', 'no-such-program-here']);
    expect((await ask('r.none')).headers?.get('Nats-Service-Error-Code')).toBe('127');
    expect(none.stderrSoFar()).toContain('no-such-program-here');
  });

  it('an answer that is too large becomes an error, and stderr says so', async () => {
    const small = await startNatsServer({ maxPayload: 1000 });
    const client = await connect({ servers: small.url });
    const started = async (...args: readonly string[]) => {
      const running = startCli(['reply', '-s', small.url, ...args]);
      await running.waitForStderr(/listening on/);
      return running;
    };
    const errorOf = async (subject: string, body = '') => {
      const { headers: marks, data } = await client.request(subject, body, { timeout: 30_000 });
      expect(data).toHaveLength(0);
      const [code, text] = ['Nats-Service-Error-Code', 'Nats-Service-Error'].map((name) =>
        marks?.get(name),
      );
      return `${code} ${text}`;
    };
    const fill = (size: number) => `head -c ${size} /dev/zero | tr '\\0' a`;
    const failed = await started('r.failed', '--command', `${fill(5000)}; exit 3`);
    expect(await errorOf('r.failed')).toMatch(/^3 .*its output of 5000 bytes was left out/);
    expect(failed.stderrSoFar()).toContain('an error was sent instead');
    await started('r.words', '--command', `${fill(5000)} >&2; exit 4`);
    expect(await errorOf('r.words')).toMatch(/^4 a{500}…/);
    const whole = await started('r.whole', '--command', fill(1001));
    expect(await errorOf('r.whole')).toMatch(/^500 .*1001/);
    expect(whole.stderrSoFar()).toContain('an error was sent instead');
    // The payload alone would fit.
    await started('r.headers', '--echo', '-H', `A: ${'x'.repeat(200)}`);
    expect(await errorOf('r.headers', 'x'.repeat(900))).toMatch(/^500 /);
    await client.close();
  });

  it('a request that is too large for the environment of a command reaches it on stdin', async () => {
    await reply(['r.wide', '--command', 'wc -c']);
    const marks = headers();
    marks.set('Wide', 'x'.repeat(300_000));
    const wide = await peer.request('r.wide', 'x'.repeat(300_000), {
      headers: marks,
      timeout: 30_000,
    });
    expect([wide.string().trim(), wide.headers?.get('Nats-Service-Error')]).toEqual([
      '300000',
      undefined,
    ]);
  });

  it('a command that never ends is ended, with what it started, and the next request is answered', async () => {
    const slow = 'case $(cat) in wait) sleep 300 & exit;; *) echo done;; esac';
    await reply(['r.endless', '--command', slow, '--command-timeout', '4s']);
    const ended = await ask('r.endless', 'wait');
    expect(ended.headers?.get('Nats-Service-Error-Code')).toBe('124');
    expect(ended.headers?.get('Nats-Service-Error')).toBe('the command took longer than 4s');
    expect((await ask('r.endless', 'go')).text).toBe('done\n');
  });

  it('a second Ctrl-C ends it at once, and its commands', async () => {
    const running = await reply(['r.stuck', '--command', 'echo $$ >&2; exec sleep 300']);
    peer.publish('r.stuck', 'x', { reply: 'r.stuck.back' });
    const pid = Number((await running.waitForStderr(/^(\d+)$/m))[1]);
    running.signal('SIGINT');
    await eventually('it stops listening', async () => {
      const unheard = peer.request('r.stuck', 'x', { timeout: 1_000 });
      return unheard.then(
        () => false,
        (error: unknown) => error instanceof RequestError && error.isNoResponders(),
      );
    });
    // The same signal within 150 ms of the first is its echo (Lifecycle): this one is a wish of its own.
    const stopped = performance.now();
    await eventually(
      'the first Ctrl-C is long enough ago',
      () => performance.now() - stopped > 200,
    );
    running.signal('SIGINT');
    expect((await running.exit).code).toBe(130);
    await eventually('the command is gone', () => !isRunning(pid));
  });

  it('several at the same time', async () => {
    await reply(['r.par', 'x', '--delay', '3s', '--concurrency', '10']);
    const started = performance.now();
    await Promise.all(Array.from({ length: 10 }, () => ask('r.par')));
    // One after the other they would take 30 s.
    expect(performance.now() - started).toBeLessThan(25_000);
  });

  it('errors on purpose, and a queue group that shares', async () => {
    await reply(['r.err', 'x', '--error-rate', '100%']);
    expect((await ask('r.err')).headers?.get('Nats-Service-Error-Code')).toBe('500');
    await reply(['r.q', 'one', '--queue', 'g']);
    await reply(['r.q', 'two', '--queue', 'g']);
    const both = await request(['r.q', '--replies', 'all', '--gap', '200ms']);
    expect(both.stdout.trim().split('\n')).toHaveLength(1);
  });

  describe('--duration', () => {
    it('ends with 0 when the time is up, and answers what has arrived by then', async () => {
      const running = await reply(['r.timed', 'done', '--duration', '2s']);
      expect((await ask('r.timed')).text).toBe('done');
      const { code, stderr } = await running.exit;
      expect(code).toBe(0);
      expect(stderr).toContain('answered 1 request,');
    });

    it('sends the braces of a body without --template, and says so', async () => {
      const running = await reply(['r.braces', 'got {{Request}}', '--duration', '2s']);
      expect((await ask('r.braces')).text).toBe('got {{Request}}');
      const { code, stderr } = await running.exit;
      expect(code).toBe(0);
      expect(stderr).toContain('the braces {{ }} are sent as they are; --template fills them in');
    });

    it('ends with 5 when fewer than --count have arrived', async () => {
      const running = await reply(['r.timed', 'x', '--duration', '100ms', '--count', '2']);
      const { code, stderr } = await running.exit;
      expect(code).toBe(5);
      expect(stderr).toContain('only 0 of 2 requests arrived within 100ms');
    });

    it('ends with 130 on Ctrl-C', async () => {
      const running = await reply(['r.timed', 'x', '--duration', '1h']);
      running.signal('SIGINT');
      expect((await running.exit).code).toBe(130);
    });
  });

  it('messages without a reply subject are told once, counted, and no part of --count', async () => {
    const running = await reply(['r.plain', '--echo', '--count', '1']);
    peer.publish('r.plain', 'a');
    await running.waitForStderr(/received a message without a reply subject/);
    await eventually('it listens again', async () => (await ask('r.plain')).text === 'ask');
    const { code, stderr } = await running.exit;
    expect(code).toBe(0);
    expect(stderr.match(/received a message without a reply subject/g)).toHaveLength(1);
    expect(stderr).toContain('1 without a reply subject');
  });

  it('comes back after a restart of the server', async () => {
    const own = await startNatsServer();
    const running = startCli(['reply', '-s', own.url, 'back', 'here']);
    await running.waitForStderr(/listening on/);
    await own.restart({ signal: 'SIGKILL' });
    await running.waitForStderr(/connected again/);
    const result = await runCli(['request', '-s', own.url, 'back', 'x', '--raw']);
    expect(result).toMatchObject({ code: 0, stdout: 'here' });
  });

  it.each([
    [['r.x', '--count', '0'], 'would answer nothing'],
    [['r.x', 'body', '--echo'], 'cannot be used together'],
    [['r.x', 'body', '--command', 'cat'], 'cannot be used together'],
    [['r..x'], 'two dots'],
    [['r.x', 'x', '--delay', 'soon'], 'invalid delay'],
    [['r.x', 'x', '--error-rate', '2'], 'invalid share'],
    [['r.x', '--template', '{{Nope}}'], 'unknown function'],
  ])('%j is exit 2', async (args, sentence) => {
    const result = await runCli(['reply', '-s', server.url, ...args]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(sentence);
  });

  it('a denied subscription is exit 4', async () => {
    const guarded = await startNatsServer({
      authorization: {
        users: [{ user: 'u', password: 'p', permissions: { subscribe: { deny: ['r.>'] } } }],
      },
    });
    const login = ['-s', guarded.url, '--user', 'u', '--password', 'p'];
    const result = await runCli(['reply', ...login, 'r.x', 'x']);
    expect(result.code).toBe(4);
    expect(result.stderr).not.toContain('listening');
  });
});
