import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { env } from 'node:process';

import { usageError } from '../domain/errors.js';

/** A password manager may have to ask its owner first. */
const PROGRAM_TIMEOUT_MS = 30_000;

/** What kind of value a bare text is: the path of a file, or the secret itself. */
export type BareText = 'path' | 'literal';

/**
 * Reads one credential in any of the spellings that natscli's contexts use: a bare path or literal,
 * `file://`, `env://NAME`, `data:;base64,…`, `op://vault/item/field` and `nsc://operator/account/user`
 * (the last two ask the programs of that name).
 *
 * @param what names the setting in errors, such as `--creds`
 * @throws {NatsxError} usage — a file that cannot be read, a missing variable, a program that fails
 */
export function readCredential(value: string, bare: BareText, what: string): string {
  return readSpelled(value, bare, what).replace(/[\r\n]+$/, '');
}

function readSpelled(value: string, bare: BareText, what: string): string {
  if (value.startsWith('env://')) return readVariable(value.slice(6), what);
  if (value.startsWith('data:')) return readDataUri(value, what);
  if (value.startsWith('op://')) return runProgram('op', ['read', value], what);
  if (value.startsWith('nsc://')) return readNscProfile(value, what);
  if (value.startsWith('file://')) return readTextFile(value.slice(7), what);
  return bare === 'path' ? readTextFile(value, what) : value;
}

/**
 * Reads a file that a setting names. `~` and `$VAR` are expanded, as natscli does.
 *
 * @throws {NatsxError} usage — the file cannot be read
 */
export function readTextFile(path: string, what: string): string {
  const expanded = expandPath(path.replace(/^file:\/\//, ''));
  try {
    return readFileSync(expanded, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw usageError(
      `cannot read the file "${expanded}" of ${what} (${reason})`,
      'check the path and its permissions',
    );
  }
}

function expandPath(path: string): string {
  const withHome = path.replace(/^~(?=\/|$)/, homedir());
  const withVariables = withHome.replace(
    /\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/g,
    (whole, name: string) => env[name] ?? whole,
  );
  return resolve(withVariables);
}

function readVariable(name: string, what: string): string {
  const value = env[name];
  if (value === undefined) {
    throw usageError(`${what} names the environment variable ${name}, which is not set`);
  }
  return value;
}

function readDataUri(value: string, what: string): string {
  const match = /^data:[^,]*;base64,(.*)$/s.exec(value);
  if (match?.[1] === undefined) throw usageError(`${what} is no base64 data URI`);
  return Buffer.from(match[1], 'base64').toString('utf8');
}

function readNscProfile(value: string, what: string): string {
  const file = credentialsFileOf(runProgram('nsc', ['generate', 'profile', value], what));
  if (file === undefined) throw usageError(`${what}: nsc named no credentials file`);
  return readTextFile(file, what);
}

function credentialsFileOf(profile: string): string | undefined {
  try {
    const { user_creds: file } = JSON.parse(profile) as { readonly user_creds?: unknown };
    return typeof file === 'string' ? file : undefined;
  } catch {
    return undefined;
  }
}

function runProgram(program: string, args: readonly string[], what: string): string {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: PROGRAM_TIMEOUT_MS,
    });
  } catch {
    throw usageError(`${what} needs the program "${program}", which failed or is not installed`);
  }
}
