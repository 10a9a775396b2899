import { formatDurationMs } from '../core/values/duration.js';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { env } from 'node:process';

import { usageError } from '../core/errors.js';
import { fileReason } from './file-error.js';

/** A password manager may have to ask its owner first. */
const PROGRAM_TIMEOUT_MS = 30_000;

/** What kind of value a bare text is: the path of a file, or the secret itself. */
export type BareText = 'path' | 'literal';

/** Where a value comes from, for errors: `--creds`, or `the context "prod"` with the key that holds it. */
export interface Origin {
  readonly owner: string;
  readonly key?: string;
}

/** The origin as the subject of a sentence. */
export function nameOf({ owner, key }: Origin): string {
  return key === undefined ? owner : `the ${key} of ${owner}`;
}

/**
 * Reads one credential in any of the spellings that natscli's contexts use: a bare path or literal,
 * `file://`, `env://NAME`, `data:;base64,…`, `op://vault/item/field` and `nsc://operator/account/user`
 * (the last two ask the programs of that name).
 *
 * @throws {NatsxError} usage — a file that cannot be read, a missing variable, a program that fails
 */
export function readCredential(value: string, bare: BareText, origin: Origin): string {
  return readSpelled(value, bare, origin).replace(/[\r\n]+$/, '');
}

function readSpelled(value: string, bare: BareText, origin: Origin): string {
  if (value.startsWith('env://')) return readVariable(value.slice(6), nameOf(origin));
  if (value.startsWith('data:')) return readDataUri(value, nameOf(origin));
  if (value.startsWith('op://')) return runProgram('op', ['read', value], nameOf(origin));
  if (value.startsWith('nsc://')) return readProfileCreds(value, origin);
  if (value.startsWith('file://')) return readTextFile(value.slice(7), origin);
  return bare === 'path' ? readTextFile(value, origin) : value;
}

/** The file that a bare or `file://` value names, as errors show it; undefined for the other spellings. */
export function fileNamedBy(value: string): string | undefined {
  return /^(env:\/\/|data:|op:\/\/|nsc:\/\/)/.test(value)
    ? undefined
    : expandPath(value.replace(/^file:\/\//, ''));
}

/** The same file from any folder; what is not a path in this folder stays as it is. */
export function absolutePath(value: string): string {
  return value === '' || /^(~|\$|[a-z][a-z\d+.-]+:)/i.test(value) ? value : resolve(value);
}

/**
 * Reads a file that a setting names. `~` and `$VAR` are expanded, as natscli does.
 *
 * @throws {NatsxError} usage — the file cannot be read
 */
export function readTextFile(path: string, { owner, key }: Origin): string {
  const expanded = expandPath(path.replace(/^file:\/\//, ''));
  try {
    return readFileSync(expanded, 'utf8');
  } catch (cause) {
    const whose = key === undefined ? owner : `${owner} (${key})`;
    throw usageError(
      `cannot read the file "${expanded}" of ${whose}: ${fileReason(cause)}`,
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
  if (match?.[1] === undefined) throw usageError(`${what} is not a base64 data URI`);
  return Buffer.from(match[1], 'base64').toString('utf8');
}

function readProfileCreds(reference: string, origin: Origin): string {
  const { credsFile } = readProfile(reference, origin);
  if (credsFile !== undefined) return readTextFile(credsFile, origin);
  throw usageError(`${nameOf(origin)}: nsc named no credentials file`);
}

/** What a profile of nsc names. */
export interface NscProfile {
  readonly credsFile: string | undefined;
  /** The operator's service URLs, joined by commas; undefined when it has none. */
  readonly servers: string | undefined;
}

/** A profile is asked for once: it may take a while, and servers and credentials are both in it. */
const profiles = new Map<string, NscProfile>();

/**
 * Asks nsc for a profile.
 *
 * @param reference `operator/account/user`, also with `nsc://` before it
 * @throws {NatsxError} usage — nsc is not there, fails, takes too long, or answers something else
 */
export function readProfile(reference: string, origin: Origin): NscProfile {
  const path = reference.replace(/^nsc:\/\//, '');
  const known = profiles.get(path);
  if (known !== undefined) return known;
  const profile = parseProfile(runProgram('nsc', ['generate', 'profile', path], nameOf(origin)));
  if (profile === undefined) throw usageError(`${nameOf(origin)}: nsc named no credentials file`);
  profiles.set(path, profile);
  return profile;
}

function parseProfile(text: string): NscProfile | undefined {
  try {
    const answer = JSON.parse(text) as {
      readonly user_creds?: unknown;
      readonly operator?: { readonly service?: unknown } | null;
    };
    const { user_creds: file, operator } = answer;
    const service: unknown[] = Array.isArray(operator?.service) ? operator.service : [];
    const servers = service.filter((url) => typeof url === 'string' && url !== '').join(',');
    return {
      credsFile: typeof file === 'string' && file !== '' ? file : undefined,
      servers: servers === '' ? undefined : servers,
    };
  } catch {
    return undefined;
  }
}

function runProgram(program: string, args: readonly string[], what: string): string {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PROGRAM_TIMEOUT_MS,
    });
  } catch (cause) {
    const { code, stderr } = cause as NodeJS.ErrnoException & { readonly stderr?: unknown };
    const lastWords = (typeof stderr === 'string' ? stderr : '').trim().split('\n').at(-1) ?? '';
    const line = `"${[program, ...args].join(' ')}"`;
    throw usageError(
      `${what} needs the program "${program}", ${programFault(code, line, lastWords)}`,
    );
  }
}

function programFault(code: string | undefined, line: string, lastWords: string): string {
  if (code === 'ENOENT') return 'which is not on the PATH';
  if (code === 'ETIMEDOUT') {
    return `which did not answer within ${formatDurationMs(PROGRAM_TIMEOUT_MS)} (${line})`;
  }
  return `which failed${lastWords === '' ? '' : `: ${lastWords}`} (${line})`;
}
