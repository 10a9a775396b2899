import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** For how long names are completed without asking the server again. */
const FRESH_MS = 5_000;

/**
 * Names that a server was asked for a moment ago, else those that `read` returns.
 *
 * @param key what they depend on; only a hash of it is stored
 * @throws whatever `read` throws
 */
export async function cachedNames(
  key: unknown,
  read: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const cacheHome = process.env['XDG_CACHE_HOME'];
  const home = cacheHome === undefined || cacheHome === '' ? join(homedir(), '.cache') : cacheHome;
  const folder = join(home, 'natsx', 'completion');
  const file = join(
    folder,
    createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32),
  );
  const kept = freshLines(file);
  if (kept !== undefined) return kept;
  const names = await read();
  keep(folder, file, names);
  return names;
}

function freshLines(file: string): readonly string[] | undefined {
  try {
    const ageMs = Date.now() - statSync(file).mtimeMs;
    if (ageMs < 0 || ageMs > FRESH_MS) return undefined;
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return undefined;
  }
}

/** Without a place to keep them, they are asked for again. */
function keep(folder: string, file: string, names: readonly string[]): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, names.map((name) => `${name}\n`).join(''), { mode: 0o600 });
    renameSync(draft, file);
  } catch {
    // A home that cannot be written to.
  }
}
