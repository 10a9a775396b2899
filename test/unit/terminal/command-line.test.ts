import { describe, expect, it } from 'vitest';

import { oclifCommandLine } from '../../../src/terminal/command-line.js';

const commands = ['pub', 'rtt', 'backlog', 'backlog:check', 'stream:ls', 'stream:add'];
const spelled = (line: string) => oclifCommandLine(line.split(' '), commands).join(' ');

describe('flags before the command', () => {
  it.each([
    ['--context prod stream ls', 'stream ls --context prod'],
    ['-s nats://a:4222 rtt', 'rtt -s nats://a:4222'],
    ['-snats://a:4222 rtt', 'rtt -snats://a:4222'],
    ['-s a -s b rtt 3', 'rtt -s a -s b 3'],
    ['--server=nats://a:4222 pub x y', 'pub --server=nats://a:4222 x y'],
    ['--json --domain hub stream ls', 'stream ls --json --domain hub'],
    ['--context a rtt --context b', 'rtt --context a --context b'],
    ['-q pub x -- -q', 'pub -q x -- -q'],
    ['--user u --password rtt rtt', 'rtt --user u --password rtt'],
  ])('%s', (line, expected) => {
    expect(spelled(line)).toBe(expected);
  });
});

describe('flags between the words of a command', () => {
  it.each([
    ['stream -s a ls', 'stream ls -s a'],
    ['stream --json ls', 'stream ls --json'],
    ['backlog --json check ORDERS', 'backlog check --json ORDERS'],
  ])('%s', (line, expected) => {
    expect(spelled(line)).toBe(expected);
  });
});

describe('--serve without an address', () => {
  it.each([
    ['backlog --serve', 'backlog --serve=127.0.0.1:0'],
    ['backlog --serve ORDERS billing', 'backlog --serve=127.0.0.1:0 ORDERS billing'],
    ['backlog ORDERS --serve --json', 'backlog ORDERS --serve=127.0.0.1:0 --json'],
    ['backlog --serve 127.0.0.1:9 ORDERS', 'backlog --serve 127.0.0.1:9 ORDERS'],
    ['backlog --serve :9', 'backlog --serve :9'],
    ['backlog --serve=[::1]:9', 'backlog --serve=[::1]:9'],
    ['backlog ORDERS -- --serve', 'backlog ORDERS -- --serve'],
    ['pub x --serve', 'pub x --serve'],
  ])('%s', (line, expected) => {
    expect(spelled(line)).toBe(expected);
  });
});

describe('words that are not a command', () => {
  it.each([
    ['--json nope', 'nope --json'],
    ['stream --json nope', 'stream nope --json'],
    ['--bogus stream ls', '--bogus stream ls'],
    ['--context', '--context'],
    ['-- rtt', '-- rtt'],
    ['version x', 'version x'],
  ])('%s', (line, expected) => {
    expect(spelled(line)).toBe(expected);
  });
});

describe('help and the version', () => {
  it.each([
    ['help pub', 'pub --help'],
    ['help stream ls', 'stream ls --help'],
    ['--context prod help pub', 'pub --help'],
    ['backlog help', 'backlog --help'],
    ['stream help', 'stream --help'],
    ['pub help', 'pub --help'],
    ['rtt help', 'rtt help'],
    ['pub help me', 'pub help me'],
    ['version', '--version'],
    ['version --json', '--version --json'],
    ['--json version', '--version --json'],
  ])('%s', (line, expected) => {
    expect(spelled(line)).toBe(expected);
  });
});
