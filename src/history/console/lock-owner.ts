import type { LockOwner } from '../run/log-lock.js';

/** This process, and whether another one is there. */
export const lockOwner: LockOwner = {
  pid: process.pid,
  isRunning: (pid) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // One of another user's may not be asked.
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  },
};
