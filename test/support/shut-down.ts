import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** No child outlives the test file that started it, however the file ends. */
export function ownChild(child: ChildProcess): void {
  children.add(child);
  child.once('exit', () => children.delete(child));
  child.once('error', () => children.delete(child));
}

/** Ends a process and waits until it is gone; a process that ignores the signal is killed after `graceMs`. */
export async function endChild(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGTERM',
  graceMs = 20_000,
): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  // A stopped process acts on nothing but SIGKILL until it is continued.
  child.kill('SIGCONT');
  const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(killer);
}

/** True for a process that has exited, was killed, or could not be started at all. */
export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** A new empty folder, removed when the test file ends. */
export function temporaryFolder(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `natsx-${purpose}-`));
  folders.add(folder);
  return folder;
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.delete(folder);
}

function killAll(): void {
  for (const child of children) child.kill('SIGKILL');
}

function removeAll(): void {
  for (const folder of folders) removeFolder(folder);
}

afterAll(async () => {
  await Promise.all([...children].map((child) => endChild(child, 'SIGKILL')));
  removeAll();
});

process.once('exit', () => {
  killAll();
  removeAll();
});

// An interrupted run ends its workers with a signal, and those would not come past 'exit'.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'] as const) {
  process.once(signal, () => process.exit(1));
}
