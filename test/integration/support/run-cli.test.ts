import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runInPty, requiresPty, startInPty } from '../../support/pty.js';
import { runCli, startCli } from '../../support/run-cli.js';
import { temporaryFolder } from '../../support/shut-down.js';

/** A stand-in for the program, so that what is tested here is the harness alone. */
function program(source: string): string {
  const file = join(temporaryFolder('program'), 'program.mjs');
  writeFileSync(file, source);
  return file;
}

describe('the program in a child process', () => {
  test('exit code, bytes, arguments and stdin come through', async () => {
    const entry = program(`
      process.stdout.write(Buffer.from([0xff, 0x00]));
      process.stderr.write(process.argv.slice(2).join('|'));
      for await (const chunk of process.stdin) process.stdout.write(chunk);
      process.exitCode = 7;
    `);
    const result = await runCli(['a b', 'c'], { entry, stdin: 'in' });
    expect(result).toMatchObject({ code: 7, signal: null, stderr: 'a b|c', timedOut: false });
    expect([...result.stdoutBytes]).toEqual([0xff, 0x00, 0x69, 0x6e]);
  });

  test('nothing of the developer’s environment reaches it', async () => {
    process.env['NATS_URL'] = 'nats://elsewhere';
    const entry = program(`console.log(Object.keys(process.env).sort().join(' '))`);
    const { stdout } = await runCli([], { entry, env: { EXTRA: '1' } });
    delete process.env['NATS_URL'];
    const names = stdout
      .trim()
      .split(' ')
      .filter((name) => name !== 'TMPDIR');
    expect(names).toEqual(['EXTRA', 'HOME', 'PATH', 'XDG_CONFIG_HOME']);
  });

  test('a program that hangs is killed, and the result says so', async () => {
    const entry = program(`setInterval(() => {}, 1000)`);
    const result = await runCli([], { entry, timeoutMs: 300 });
    expect(result).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: true });
  });

  test('a running program is watched, written to and signalled', async () => {
    const entry = program(`
      process.on('SIGINT', () => { console.error('bye'); process.exit(0); });
      process.stdin.on('data', (chunk) => process.stdout.write('got ' + chunk));
      console.error('ready');
    `);
    const cli = startCli([], { entry });
    await cli.waitForStderr(/ready/);
    cli.write('one');
    expect((await cli.waitForStdout(/got (\w+)/))[1]).toBe('one');
    cli.signal('SIGINT');
    expect(await cli.exit).toMatchObject({ code: 0, stderr: 'ready\nbye\n' });
  });

  test('waiting for a line that never comes ends with the program, and shows what came', async () => {
    const entry = program(`console.error('something else')`);
    const cli = startCli([], { entry });
    await expect(cli.waitForStdout(/ready/)).rejects.toThrow(/ended without[^]*something else/);
  });
});

describe('the program in a pseudo terminal', () => {
  test('it sees a terminal of the given width, and its exit code comes through', async () => {
    requiresPty();
    const entry = program(`
      console.log(process.stdout.isTTY, process.stderr.isTTY, process.stdin.isTTY, process.stdout.columns);
      console.log('\\u001b[31mred\\u001b[0m', process.argv.slice(2).join('|'));
      process.exitCode = 5;
    `);
    const result = await runInPty([`it's`, '$HOME *'], { entry, columns: 57 });
    expect(result.code).toBe(5);
    expect(result.text).toContain('true true true 57');
    expect(result.drawn).toContain('\u001b[31mred');
    expect(result.text).toContain(`red it's|$HOME *`);
  });

  test('Ctrl-C is typed', async () => {
    requiresPty();
    const entry = program(`
      process.on('SIGINT', () => process.exit(0));
      console.log('ready');
      setInterval(() => {}, 1000);
    `);
    const pty = startInPty([], { entry });
    await pty.waitFor(/ready/);
    pty.type('\u0003');
    expect((await pty.exit).code).toBe(0);
  });
});
