/** Sets the exit code of a Nagios-like check, once its line is printed. */
export function endWithStatus(status: 0 | 1 | 2 | 3): void {
  process.exitCode = status;
}
