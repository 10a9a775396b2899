/** A schedule in a stream, and when it publishes. */
export interface StoredSchedule {
  readonly stream: string;
  readonly seq: number;
  readonly subject: string;
  readonly target: string | undefined;
  /** As the header has it: `@at …`, `@every 1h`, or a cron expression. */
  readonly pattern: string;
  readonly timeZone: string | undefined;
  /** Milliseconds since the epoch; undefined for a pattern that cannot be read. */
  readonly nextMs: number | undefined;
  /** How long ago it was due, by the server's clock; 0 if it is not due yet. */
  readonly lateMs: number;
}
