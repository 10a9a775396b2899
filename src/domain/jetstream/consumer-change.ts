/** What was done to a consumer, or would be. */
export interface ConsumerChange {
  readonly action: 'pause' | 'resume' | 'unpin' | 'edit' | 'skip';
  readonly stream: string;
  readonly consumer: string;
  /** False: it was only looked at. */
  readonly applied: boolean;
  /** Keys as in JSON, with their units. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** New settings in the wire's spelling; durations in nanoseconds. Absent ones stay. */
export interface ConsumerEdit {
  readonly max_ack_pending?: number | undefined;
  readonly ack_wait?: number | undefined;
  readonly max_deliver?: number | undefined;
}
