import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

import { closestNames } from '../core/closest-names.js';
import { fileReason } from './file-error.js';
import type { ContextFile } from './model/context.js';
import { checkContextName, checkNewContextName } from './model/context.js';
import { NatsxError, usageError } from '../core/errors.js';
import { isJsonObject, parseExactJson, stringifyExactJson } from '../core/message/exact-json.js';

/** natscli's folder of contexts: one JSON file each, and beside it the name of the selected one. */
export class ContextStore {
  readonly #root: string;

  /** @param configHome `$XDG_CONFIG_HOME`; empty or undefined means `~/.config`, as natscli has it */
  constructor(configHome: string | undefined) {
    const home =
      configHome === undefined || configHome === '' ? join(homedir(), '.config') : configHome;
    this.#root = join(home, 'nats');
  }

  /** The names of all contexts, sorted; empty when there are none. */
  names(): readonly string[] {
    let files: Dirent[];
    try {
      files = readdirSync(join(this.#root, 'context'), { withFileTypes: true });
    } catch {
      return [];
    }
    return files
      .filter((file) => !file.isDirectory() && file.name.endsWith('.json') && file.name !== '.json')
      .map((file) => basename(file.name, '.json'))
      .sort();
  }

  /** The selected context's name, which may no longer exist. */
  selected(): string | undefined {
    try {
      const name = readFileSync(join(this.#root, 'context.txt'), 'utf8').trim();
      return name === '' ? undefined : name;
    } catch {
      return undefined;
    }
  }

  has(name: string): boolean {
    return this.names().includes(name);
  }

  path(name: string): string {
    checkContextName(name);
    return join(this.#root, 'context', `${name}.json`);
  }

  /**
   * Reads one context by name, or any file when the name ends in `.json` and has a path.
   *
   * @throws {NatsxError} not-found — no such context (the hint lists the nearest names); usage — unreadable, or not a
   * JSON object
   */
  read(name: string): ContextFile {
    const isFile = name.endsWith('.json') && !this.has(name);
    const path = isFile ? name : this.path(name);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') throw this.#missing(name);
      throw usageError(`cannot read the context file "${path}": ${fileReason(cause)}`);
    }
    return parseContext(text, path);
  }

  /** Writes a context whole or not at all, readable by its owner only. */
  write(name: string, file: ContextFile): void {
    checkNewContextName(name);
    const path = this.path(name);
    this.#change(() => {
      mkdirSync(join(this.#root, 'context'), { recursive: true, mode: 0o700 });
      writeAtomically(path, `${stringifyExactJson(file, 2)}\n`);
    });
  }

  /**
   * Selects a context and remembers the one before, for `nats context previous`.
   *
   * @throws {NatsxError} not-found — nothing is changed then
   */
  select(name: string): void {
    this.#mustExist(name);
    const before = this.selected();
    this.#change(() => {
      if (before !== undefined && before !== name) {
        writeAtomically(join(this.#root, 'previous-context.txt'), before);
      }
      writeAtomically(join(this.#root, 'context.txt'), name);
    });
  }

  /**
   * Removes a context, and the selection when it was the selected one.
   *
   * @throws {NatsxError} not-found
   */
  remove(name: string): void {
    this.#mustExist(name);
    this.#change(() => {
      rmSync(this.path(name));
      if (this.selected() === name) rmSync(join(this.#root, 'context.txt'));
    });
  }

  #change(action: () => void): void {
    try {
      action();
    } catch (cause) {
      throw usageError(
        `cannot change the contexts in the folder "${this.#root}": ${fileReason(cause)}`,
        'check its permissions; XDG_CONFIG_HOME names another place',
      );
    }
  }

  #mustExist(name: string): void {
    checkContextName(name);
    if (!this.has(name)) throw this.#missing(name);
  }

  #missing(name: string): NatsxError {
    const nearest = closestNames(name, this.names());
    const several = 'only rtt and backlog take several contexts';
    const hint =
      nearest.length > 0
        ? `did you mean ${nearest.join(' or ')}?`
        : 'natsx context ls lists the contexts';
    return new NatsxError('not-found', `there is no context "${name}"`, {
      hint: name.includes(',') ? `${several}; ${hint}` : hint,
      details: { context: name },
    });
  }
}

function parseContext(text: string, path: string): ContextFile {
  let value: unknown;
  try {
    value = parseExactJson(text);
  } catch (cause) {
    throw usageError(`the context file "${path}" is not JSON: ${(cause as Error).message}`);
  }
  if (!isJsonObject(value)) {
    throw usageError(`the context file "${path}" is not a JSON object`);
  }
  return value;
}

/** A reader sees the old text or the new one, never half of it. */
function writeAtomically(path: string, text: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}
