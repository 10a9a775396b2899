import { execFileSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const patienceMs = 30_000;

/** Stops a process (SIGSTOP), and returns when it is stopped: the signal alone takes effect a moment later. */
export function pauseChild(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) throw new Error('a process that never ran cannot be paused');
  child.kill('SIGSTOP');
  // Microseconds as a rule; so that tests can write this as one step, it is waited for on the spot.
  const deadline = Date.now() + patienceMs;
  while (!stateOf(pid).startsWith('T')) {
    if (Date.now() > deadline) throw new Error(`process ${pid} does not stop`);
  }
}

/** One letter, as ps has it: `R` running, `S` asleep, `T` stopped. */
function stateOf(pid: number): string {
  const file = `/proc/${pid}/stat`;
  // The program's name, in brackets before the state, may hold anything.
  if (existsSync(file)) return readFileSync(file, 'utf8').split(') ').at(-1) ?? '';
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' });
}
